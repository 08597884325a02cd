"""Signing in (vendor sheet, 4.1): a key of a user account in a header of its own form."""

from requests import PreparedRequest
from requests.auth import AuthBase

from integrations.connections.auth import Account, register
from integrations.connections.schema import Field
from integrations.platforms.deepomatic.options import SLUG

CREDENTIALS = (
    Field("api_key", "API key", type="secret", required=True, help="Of a user account whose rights it has."),
    Field(
        "connector_token",
        "Camera Connector token",
        type="secret",
        help="Only for handing users over to Deepomatic's own camera; another one than the API key.",
    ),
)


class ApiKey(AuthBase):
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Token {self._key}"
        return request


def auth_of(account: Account) -> AuthBase:
    return ApiKey(str(account.credentials.get("api_key") or ""))


def register_auth() -> None:
    register(SLUG, auth_of, credentials=CREDENTIALS)
