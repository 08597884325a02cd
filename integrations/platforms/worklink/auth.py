"""WorkLink's own ways of signing in (vendor sheet 4.2): the forms of its tokens, and session tokens."""

from datetime import timedelta

from requests import PreparedRequest
from requests.auth import AuthBase

from integrations.connections.auth import Account, Token, TokenAuth, register
from integrations.connections.schema import Field
from integrations.core import clock
from integrations.core.errors import AuthFailed, PermanentError, TransientError
from integrations.platforms.worklink.options import SLUG

FORMS = {
    "token_named": "Token token={}",
    "token": "Token {}",
    "bearer_named": "Bearer token={}",
    "bearer": "Bearer {}",
}
SIGN_IN_PATH = "/api/v2/users/sign_in.json"
# Good for 30 days; the vendor's own demonstration renews it a day earlier.
SESSION_LIFE = timedelta(days=29)

CREDENTIALS = (
    Field("token", "API token", type="secret", help="CMS: Company Info, API Tokens. Or a user's name and password."),
    Field("username", "User name", help="Only without an API token: signs in for a session token."),
    Field("password", "Password", type="secret"),
    Field(
        "token_form",
        "Form of the token",
        type="choice",
        default="token_named",
        choices=[(name, form.format("…")) for name, form in FORMS.items()],
        help="How it stands in the Authorization header. The first is the documented one.",
    ),
    Field("private_access_code", "Private access code", type="secret", help="Only where the vendor asks for it."),
)


class Headers(AuthBase):
    """Sets the token, and the second header of the API's preview era where the vendor still asks for it."""

    def __init__(self, account: Account, token: str) -> None:
        self._account, self._token = account, token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        _put(self._account, request, self._token)
        return request


def _put(account: Account, request: PreparedRequest, token: str) -> None:
    form = FORMS[account.credentials.get("token_form") or "token_named"]
    request.headers["Authorization"] = form.format(token)
    if code := account.credentials.get("private_access_code"):
        request.headers["PrivateAccessCode"] = f"Token token={code}"


def auth_of(account: Account) -> AuthBase:
    if token := account.credentials.get("token"):
        return Headers(account, token)
    return TokenAuth(account, fetch=sign_in, apply=lambda request, token: _put(account, request, token))


def sign_in(account: Account, known: Token | None) -> Token:
    """Get a session token. :raises AuthFailed: if WorkLink refuses the user :raises TransientError:"""
    user = {name: account.credentials.get(name) or "" for name in ("username", "password")}
    try:
        # Not an effect: capture mode holds back writes, and reading needs the token.
        answer = account.client(account.base_url).request("POST", SIGN_IN_PATH, json={"user": user}, effect=False)
        token = answer.json().get("auth_token")
    except TransientError:
        raise
    except PermanentError as error:
        raise AuthFailed(f"Signing in to WorkLink failed. {error}", status=error.status) from error
    except (ValueError, AttributeError, RecursionError):
        token = None
    if not token or not isinstance(token, str):
        raise AuthFailed("Signing in to WorkLink failed: its answer has no auth_token. Check the connection's address.")
    return Token(value=token, expires_at=clock.now() + SESSION_LIFE)


def register_auth() -> None:
    register(SLUG, auth_of, credentials=CREDENTIALS)
