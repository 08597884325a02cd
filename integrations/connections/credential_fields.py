"""Which credentials each kind has, and which of them are secret."""

from collections.abc import Sequence

from integrations.connections.auth_kinds import AuthKind
from integrations.connections.schema import Field

CERTIFICATES = (
    Field(
        "client_certificate",
        "Client certificate",
        type="pem",
        help="PEM: the certificate, then its private key without a password. In addition to the other credentials.",
    ),
    Field("authorities", "Certificate authorities", type="pem", help="PEM: your own authorities, if it is signed so."),
)
_TOKEN_URL = Field("token_url", "Token address", type="url", required=True)
_SCOPE = Field("scope", "Scope", help="Separated by spaces.")
_BASE_URL_FIELD = Field(
    "base_url_field",
    "Address field",
    default="instance_url",
    help="Which field of the token's answer holds the address, when the connection has none.",
)
_CLIENT_AUTH = Field(
    "client_auth",
    "Client signs in by",
    type="choice",
    default="basic",
    choices=[("basic", "basic header"), ("body", "form fields")],
)
_OAUTH = (_SCOPE, _CLIENT_AUTH, _BASE_URL_FIELD)

_OF_KIND: dict[str, tuple[Field, ...]] = {
    AuthKind.BEARER: (
        Field("token", "Token", type="secret", required=True),
        Field("scheme", "Scheme", default="Bearer", help="The word before the token."),
    ),
    AuthKind.BASIC: (
        Field("username", "User name", required=True),
        Field("password", "Password", type="secret", required=True),
    ),
    AuthKind.HEADER: (
        Field("header", "Header", default="X-Api-Key"),
        Field("value", "Key", type="secret", required=True),
    ),
    AuthKind.QUERY: (
        Field("parameter", "Parameter", default="api_key"),
        Field("value", "Key", type="secret", required=True),
    ),
    AuthKind.OAUTH2_CLIENT: (
        _TOKEN_URL,
        Field("client_id", "Client id", required=True),
        Field("client_secret", "Client secret", type="secret", help="Empty with a client certificate."),
        Field("audience", "Audience"),
        *_OAUTH,
    ),
    AuthKind.JWT_BEARER: (
        _TOKEN_URL,
        Field("issuer", "Issuer", required=True, help="The client id, as a rule."),
        Field("subject", "Subject", help="The user on whose behalf we act."),
        Field("audience", "Audience", help="Empty: the token address."),
        Field("private_key", "Private key", type="pem", required=True),
        Field("algorithm", "Algorithm", type="choice", default="RS256", choices=[("RS256",) * 2, ("ES256",) * 2]),
        Field("key_id", "Key id"),
        Field("client_id", "Client id", help="Only where the token address asks for it beside the assertion."),
        Field("client_secret", "Client secret", type="secret"),
        *_OAUTH,
    ),
    AuthKind.REFRESH_TOKEN: (
        _TOKEN_URL,
        Field("client_id", "Client id"),
        Field("client_secret", "Client secret", type="secret"),
        Field("refresh_token", "Refresh token", type="secret", required=True),
        *_OAUTH,
    ),
}
_own: dict[str, tuple[Field, ...]] = {}


def register_own(slug: str, fields: Sequence[Field]) -> None:
    """Name the credentials of a platform's own way of signing in."""
    _own[slug] = tuple(fields)


def has_own(slug: str) -> bool:
    return slug in _own


def credential_fields(kind: str, *, platform: str) -> tuple[Field, ...]:
    """Return the fields that credentials of this kind have."""
    own = _own.get(platform, ()) if kind == AuthKind.PLATFORM else _OF_KIND.get(kind, ())
    return (*own, *CERTIFICATES)
