"""Keys of the REST API: issued once, found by their hash, ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from integrations.camera.models import ApiKey, Site
from integrations.core.errors import PermanentError
from integrations.core.ids import random_token

USED_EVERY = timedelta(seconds=60)
SHOWN, SHOWN_OF_ENTERED = 9, 4
# A shorter one could be guessed.
LEAST, MOST = 20, 255


class KeyInvalid(PermanentError):
    """It cannot be issued; the sentence names what to change."""


def check_value(value: str) -> str:
    """Return the value of a key that clients use already, if it can be one. :raises KeyInvalid:"""
    if not LEAST <= len(value) <= MOST or not value.isascii() or not value.isprintable() or " " in value:
        raise KeyInvalid(f"A key has {LEAST} to {MOST} characters of ASCII, and no space.")
    return value


def issue(
    site: Site, *, user: User, name: str, value: str = "", values: Mapping[str, Any] | None = None
) -> tuple[ApiKey, str]:
    """Make a key; its value is returned here and never shown again. `value`: of one that clients use already.

    :raises KeyInvalid: naming what is wrong with the value, or that it is in use
    """
    given = check_value(value) if value else f"fpk_{random_token(32)}"
    prefix = given[: SHOWN_OF_ENTERED if value else SHOWN]
    key = ApiKey(site=site, user=user, name=name, prefix=prefix, key_hash=ApiKey.hash_of(given), **(values or {}))
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError:
        raise KeyInvalid("This key is in use already; each has a user and a site of its own.") from None
    return key, given


@transaction.atomic
def revoke(key: ApiKey, *, now: datetime) -> bool:
    """End a key for good; False if it was revoked before."""
    row = ApiKey.objects.select_for_update().filter(pk=key.pk, revoked_at__isnull=True).first()
    if row is None:
        return False
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])  # not by a query: the history says who did it
    return True


def find(value: str, *, now: datetime) -> ApiKey | None:
    """Return the key of this value if it holds: not revoked, not expired, its user still active."""
    rows = ApiKey.objects.filter(key_hash=ApiKey.hash_of(value), revoked_at__isnull=True, user__is_active=True)
    key = rows.select_related("site__connection", "site__active_version", "user").first()
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or now - key.last_used_at > USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key
