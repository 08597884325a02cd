"""What must be right before a connection is saved; each problem names the field and the rule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jwt

from integrations.connections import credential_fields, setting_schema, times
from integrations.connections.auth_kinds import AuthKind
from integrations.connections.schema import problems
from integrations.core import platforms
from integrations.core.errors import AddressRefused, PermanentError
from integrations.core.network import check_url
from integrations.core.transport import NO_TLS, TLS, tls_context

if TYPE_CHECKING:
    from integrations.connections.models import Connection

TOKEN_KINDS = frozenset({AuthKind.OAUTH2_CLIENT, AuthKind.JWT_BEARER, AuthKind.REFRESH_TOKEN, AuthKind.PLATFORM})


def problems_of(connection: "Connection") -> dict[str, list[str]]:
    """Return what is wrong by field; empty if nothing is."""
    found = {name: check(connection) for name, check in _CHECKS.items()}
    return {name: list(sentences) for name, sentences in found.items() if sentences}


def _platform(connection: "Connection") -> list[str]:
    known = {slug for slug, _ in platforms.choices()} | set(setting_schema.platforms())
    if connection.platform in known:
        return []
    return [f"“{connection.platform}” is not a platform of this installation. Known: {', '.join(sorted(known))}."]


def _base_url(connection: "Connection") -> list[str]:
    if not connection.base_url:
        if setting_schema.gives_address(connection.platform):
            known = setting_schema.address_of(connection.platform, connection.settings)
            return [] if known else ["Enter the address, or the settings of the platform that it is made from."]
        if connection.auth_kind in TOKEN_KINDS or setting_schema.is_within(connection.platform):
            return []
        return ["An address is needed: only the answer of a token address could give one instead."]
    try:
        check_url(connection.base_url)
    except AddressRefused as error:
        return [str(error)]
    if "?" in connection.base_url or "#" in connection.base_url:
        return ["An address that paths are added to holds no “?” and no “#”."]
    return []


def _auth_kind(connection: "Connection") -> list[str]:
    if connection.auth_kind != AuthKind.PLATFORM or credential_fields.has_own(connection.platform):
        return []
    return [f"The platform “{connection.platform}” has no credentials of its own; choose another kind."]


def _credentials(connection: "Connection") -> list[str]:
    fields = credential_fields.credential_fields(connection.auth_kind, platform=connection.platform)
    found = problems(fields, connection.credentials)
    return found or _certificates(connection.credentials) or _private_key(connection)


def _certificates(given: dict[str, Any]) -> list[str]:
    tls = TLS(client_pem=given.get("client_certificate") or "", authorities_pem=given.get("authorities") or "")
    try:
        if tls != NO_TLS:
            tls_context(tls)
    except PermanentError as error:
        return [str(error)]
    return []


def _private_key(connection: "Connection") -> list[str]:
    if connection.auth_kind != AuthKind.JWT_BEARER:
        return []
    algorithm = connection.credentials.get("algorithm") or "RS256"
    try:
        jwt.encode({}, connection.credentials["private_key"], algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return [f"Private key cannot sign with {algorithm}. Enter PEM text without a password."]
    return []


def _settings(connection: "Connection") -> list[str]:
    return problems(setting_schema.fields_of(connection.platform), connection.settings)


def _time_zone(connection: "Connection") -> list[str]:
    try:
        ZoneInfo(connection.time_zone)
    except (KeyError, OSError, ValueError):  # unknown, a folder of the database, or not a name at all
        return [f"“{connection.time_zone}” is not a time zone. Write it as in Europe/Berlin."]
    return []


def _date_format(connection: "Connection") -> list[str]:
    problem = times.format_problem(connection.date_format)
    return [problem] if problem else []


_CHECKS: dict[str, Callable[[Any], list[str]]] = {
    "platform": _platform,
    "base_url": _base_url,
    "auth_kind": _auth_kind,
    "credentials": _credentials,
    "settings": _settings,
    "time_zone": _time_zone,
    "date_format": _date_format,
}
