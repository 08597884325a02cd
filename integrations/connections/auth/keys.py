"""Credentials that are sent as they are: tokens and keys in a header or in the query."""

from collections.abc import Mapping
from urllib.parse import quote

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from integrations.connections.auth.account import Account


class HeaderAuth(AuthBase):
    """Sets headers."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update(self._headers)
        return request


class QueryAuth(AuthBase):
    """Appends a parameter, leaving the query as it was written otherwise."""

    def __init__(self, parameter: str, value: str) -> None:
        self._pair = f"{quote(parameter, safe='')}={quote(value, safe='')}"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        url = request.url or ""
        request.url = f"{url}{'&' if '?' in url else '?'}{self._pair}"
        return request


def set_bearer(request: PreparedRequest, token: str) -> None:
    request.headers["Authorization"] = f"Bearer {token}"


def bearer(account: Account) -> AuthBase:
    scheme = account.credentials.get("scheme") or "Bearer"
    return HeaderAuth({"Authorization": f"{scheme} {account.credentials.get('token', '')}"})


def basic(account: Account) -> AuthBase:
    # As UTF-8 (RFC 7617, 2.1): requests itself encodes texts as latin-1.
    pair = (str(account.credentials.get(name, "")).encode() for name in ("username", "password"))
    return HTTPBasicAuth(*pair)


def header(account: Account) -> AuthBase:
    name = account.credentials.get("header") or "X-Api-Key"
    return HeaderAuth({name: str(account.credentials.get("value", ""))})


def query(account: Account) -> AuthBase:
    name = account.credentials.get("parameter") or "api_key"
    return QueryAuth(name, str(account.credentials.get("value", "")))
