"""Connector tokens: issued once, found by their hash, ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from integrations.camera.models import ConnectorToken, Site
from integrations.camera.protocol import targets
from integrations.camera.protocol import tokens as syntax
from integrations.camera.protocol.errors import TokenRefused
from integrations.camera.services.refusals import Refusal
from integrations.core.errors import PermanentError
from integrations.core.ids import random_token
from integrations.core.signing import equal

USED_EVERY = timedelta(seconds=60)
OWN = "fpc_"
SHOWN = 8
SHOWN_OF_ENTERED = 4


class TokenInvalid(PermanentError):
    """It cannot be issued; the sentence names what to change."""


class TokenMissing(Refusal):
    code, answer = "token_missing", 401
    title = "The address has no token. Open the camera from the app; the address ends with #token=…"


class TokenUnknown(Refusal):
    code, answer = "token_unknown", 401
    title = "This token is not known here. The operator of the app has to check it."


class UrlOrder(Refusal):
    code, answer = "url_order", 401
    title = "Check the order of the address: #token=… has to be last, what follows it is lost."


class _Ended(Refusal):
    """A token that was good once. `token` names where the user may go back to: its default callback."""

    answer = 401

    def __init__(self, token: ConnectorToken) -> None:
        super().__init__()
        self.token = token


class TokenExpired(_Ended):
    code = "token_expired"
    title = "This token has expired. The operator of the app has to enter a new one."


class TokenRevoked(_Ended):
    code = "token_revoked"
    title = "This token was revoked. The operator of the app has to enter a new one."


def issue(
    site: Site,
    *,
    user: User,
    name: str,
    default_callback: str,
    value: str = "",
    values: Mapping[str, Any] | None = None,
) -> tuple[ConnectorToken, str]:
    """Make a token; its value is returned here and never shown again. `value`: of one that field apps use already.

    :raises TokenInvalid: naming what is wrong with the value or the callback, or that the value is in use
    """
    checked = targets.check_callback(default_callback)
    if isinstance(checked, targets.Refused):
        raise TokenInvalid(f"The default callback cannot be used: {checked.reason}")
    given = _checked(value or f"{OWN}{random_token(32)}")
    token = ConnectorToken(
        site=site, user=user, name=name, default_callback=checked.uri, token_hash=ConnectorToken.hash_of(given)
    )
    for field, chosen in (values or {}).items():
        setattr(token, field, chosen)
    token.prefix = shown_of(given, is_ours=not value)
    try:
        with transaction.atomic():
            token.save()
    except IntegrityError:
        if token.sign_in and ConnectorToken.objects.filter(site=site, sign_in=True, revoked_at__isnull=True).exists():
            raise TokenInvalid("This site has a token for signing in already.") from None
        raise TokenInvalid("This token is in use already; each has settings of its own.") from None
    return token, given


def shown_of(value: str, *, is_ours: bool) -> str:
    """Return the first characters, by which people tell tokens apart: fewer of one that was made elsewhere."""
    return value[: SHOWN if is_ours else SHOWN_OF_ENTERED]


def _checked(value: str) -> str:
    try:
        return syntax.check_issued(value)
    except TokenRefused as error:
        raise TokenInvalid(str(error)) from None


@transaction.atomic
def revoke(token: ConnectorToken, *, now: datetime) -> bool:
    """End a token and its visits for good; False if it was revoked before."""
    row = ConnectorToken.objects.select_for_update().filter(pk=token.pk, revoked_at__isnull=True).first()
    if row is None:
        return False
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])  # not by a query: the history says who did it
    return True


def find(value: str) -> ConnectorToken:
    """Return the token of this value, whether it still holds or not, by its hash.

    :raises TokenMissing: :raises UrlOrder: :raises TokenUnknown:
    """
    if not value:
        raise TokenMissing
    try:
        candidates = syntax.candidates(value)
    except TokenRefused:
        candidates = ()
    hashes = [ConnectorToken.hash_of(each) for each in candidates]
    rows = ConnectorToken.objects.filter(token_hash__in=hashes).select_related("site__connection", "user")
    known = {row.token_hash: row for row in rows}
    for digest in hashes:
        if (row := known.get(digest)) and equal(digest, row.token_hash):
            return row
    raise UrlOrder if syntax.out_of_order(value) else TokenUnknown


def check(token: ConnectorToken, *, now: datetime) -> None:
    """:raises TokenRevoked: also if its user may not sign in any more :raises TokenExpired:"""
    if is_revoked(token):
        raise TokenRevoked(token)
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenExpired(token)


def is_revoked(token: ConnectorToken) -> bool:
    return token.revoked_at is not None or not token.user.is_active


def note_use(token: ConnectorToken, *, now: datetime) -> None:
    """Note once a minute that it is used."""
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ConnectorToken.objects.filter(pk=token.pk).update(last_used_at=now)
