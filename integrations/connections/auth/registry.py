"""Which function makes the auth of which kind."""

from collections.abc import Callable, Sequence

from requests.auth import AuthBase

from integrations.connections.auth import grants, keys
from integrations.connections.auth.account import Account
from integrations.connections.auth_kinds import AuthKind
from integrations.connections.credential_fields import register_own
from integrations.connections.schema import Field
from integrations.core.errors import PermanentError

Factory = Callable[[Account], AuthBase | None]

_FACTORIES: dict[str, Factory] = {
    AuthKind.NONE: lambda account: None,
    AuthKind.BEARER: keys.bearer,
    AuthKind.BASIC: keys.basic,
    AuthKind.HEADER: keys.header,
    AuthKind.QUERY: keys.query,
    AuthKind.OAUTH2_CLIENT: grants.client_credentials,
    AuthKind.JWT_BEARER: grants.jwt_bearer,
    AuthKind.REFRESH_TOKEN: grants.refresh_token,
}
_platforms: dict[str, Factory] = {}


def register(slug: str, factory: Factory, *, credentials: Sequence[Field] = ()) -> None:
    """Add a platform's own way of signing in: `factory(account)` is called for each client, so it must be cheap.

    A factory that signs in returns `TokenAuth(account, fetch=…, apply=…)`, which keeps and renews the token.
    """
    _platforms[slug] = factory
    register_own(slug, credentials)


def auth_of(account: Account) -> AuthBase | None:
    """Return what signs the account's requests.

    :raises PermanentError: if the platform has no way of its own
    """
    factory = _platforms.get(account.platform) if account.auth_kind == AuthKind.PLATFORM else None
    factory = factory or _FACTORIES.get(account.auth_kind)
    if factory is None:
        raise PermanentError(f"The platform {account.platform} has no credentials of its own; choose another kind.")
    return factory(account)
