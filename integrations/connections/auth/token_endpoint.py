"""The token endpoint of OAuth2 (RFC 6749, 3.2): one form in, one token out."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from integrations.connections.auth.account import Account
from integrations.connections.auth.tokens import Token, end_of_life
from integrations.core import clock
from integrations.core.errors import AuthFailed, PermanentError, TransientError

UNSAID_LIFE_SECONDS = 3600.0
LONGEST_LIFE_SECONDS = 10 * 365 * 86_400.0


def ask(account: Account, form: Mapping[str, str]) -> Token:
    """Send a token request with the client's own credentials.

    :raises AuthFailed: if the endpoint refuses them
    :raises TransientError: if it cannot answer now
    """
    now = clock.now()
    client = account.client(account.credentials.get("token_url") or "")
    client.auth = _client_header(account)
    data = {name: value for name, value in {**form, **_client_fields(account)}.items() if value}
    try:
        # Not an effect: capture mode holds back writes, and reading needs the token.
        answer = client.request("POST", "", data=data, headers={"Accept": "application/json"}, effect=False)
    except TransientError:
        raise
    except PermanentError as error:
        raise AuthFailed(f"Signing in failed. {error}", status=error.status, body_start=error.body_start) from error
    return _token(account, _object(answer), now=now)


def _client_header(account: Account) -> HTTPBasicAuth | None:
    name, secret = account.credentials.get("client_id") or "", account.credentials.get("client_secret") or ""
    if not (name and secret) or account.credentials.get("client_auth") == "body":
        return None
    return HTTPBasicAuth(name.encode(), secret.encode())


def _client_fields(account: Account) -> dict[str, str]:
    if _client_header(account) is not None:
        return {}
    return {name: account.credentials.get(name) or "" for name in ("client_id", "client_secret")}


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("access_token"), str) or not said["access_token"]:
        raise AuthFailed("Signing in failed. The token address answered without an access_token; is it the right one?")
    return said


def _token(account: Account, said: dict[str, Any], *, now: datetime) -> Token:
    base_url = said.get(account.credentials.get("base_url_field") or "instance_url")
    refresh = said.get("refresh_token")
    return Token(
        value=said["access_token"],
        expires_at=end_of_life(_seconds(said.get("expires_in")), now=now),
        refresh_token=refresh if isinstance(refresh, str) else "",
        base_url=base_url if isinstance(base_url, str) else "",
    )


def _seconds(expires_in: object) -> float:
    """Read `expires_in`: a number by RFC 6749, 5.1; some endpoints send it as a text, some not at all."""
    try:
        seconds = float(str(expires_in))
    except ValueError:
        return UNSAID_LIFE_SECONDS
    return min(max(seconds, 1.0), LONGEST_LIFE_SECONDS) if math.isfinite(seconds) else UNSAID_LIFE_SECONDS
