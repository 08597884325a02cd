"""Signing in (vendor sheet, 7.1): the id of an access, in the header `token`."""

from requests import PreparedRequest
from requests.auth import AuthBase

from integrations.connections.auth import Account, register
from integrations.connections.schema import Field
from integrations.platforms.omni.options import SLUG

CREDENTIALS = (
    Field("token", "Access token", type="secret", required=True, help="The id of an access of your workspace there."),
)


class AccessToken(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["token"] = self._token
        return request


def register_auth() -> None:
    register(SLUG, lambda account: AccessToken(token_of(account)), credentials=CREDENTIALS)


def token_of(account: Account) -> str:
    return str(account.credentials.get("token") or "")
