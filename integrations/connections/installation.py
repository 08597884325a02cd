"""What this installation checks before it starts: its key opens its secrets, and it serves where it last did."""

import logging
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from integrations.connections.models import Installation
from integrations.core.addresses import allow_list
from integrations.core.fields import key_fingerprint

logger = logging.getLogger(__name__)

PROOF = {"proof": "fieldport"}
MAKE_A_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class StartRefused(ImproperlyConfigured):
    """This process must not serve this database."""


def check_start() -> str:
    """Check keys and address, and return why writes are held back, or "".

    Each process calls it at its start. A database that does not answer yet is not a refusal.

    :raises StartRefused: for a setting that cannot be right, and for a wrong encryption key, naming fingerprints
    """
    check_settings()
    try:
        return _check_against_database()
    except DatabaseError as error:
        logger.warning("start checks left out: %s", type(error).__name__)
        return ""


def check_settings() -> None:
    """:raises StartRefused: naming the setting that cannot be right; asks nobody"""
    _check_key_forms()
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartRefused(f"PUBLIC_URL is {settings.PUBLIC_URL!r}; write it like https://fieldport.example.com")
    try:
        allow_list(tuple(settings.OUTBOUND_ALLOW))
    except ValueError as error:
        raise StartRefused(str(error)) from error


def _check_key_forms() -> None:
    keys = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        raise StartRefused(f"FIELD_ENCRYPTION_KEYS is empty. Make a key with: {MAKE_A_KEY}")
    for key in keys:
        if not _is_key(key):
            raise StartRefused(
                f"FIELD_ENCRYPTION_KEYS: the key with the fingerprint {key_fingerprint(key)} is not 32 bytes in "
                f"URL-safe base64. Make one with: {MAKE_A_KEY}"
            )


def end_capture() -> None:
    """Accept the address that is served now, and let writes leave again."""
    Installation.objects.update(public_url=settings.PUBLIC_URL, capture_reason="")


@transaction.atomic
def _check_against_database() -> str:
    known = Installation.objects.select_for_update().defer("key_proof").first()
    if known is None:
        first = key_fingerprint(settings.FIELD_ENCRYPTION_KEYS[0])
        values = {"key_proof": PROOF, "key_fingerprint": first, "public_url": settings.PUBLIC_URL}
        Installation.objects.get_or_create(pk=1, defaults=values)
        return ""
    _check_key(known)
    return _check_address(known)


def _check_key(known: Installation) -> None:
    """The proof stays as it is until `rotate_encryption` has encrypted everything with the first key."""
    opening = [key for key in settings.FIELD_ENCRYPTION_KEYS if _opens(key, _stored_proof(known.pk))]
    if not opening:
        raise StartRefused(
            f"The secrets in this database were encrypted with the key whose fingerprint is {known.key_fingerprint}; "
            f"FIELD_ENCRYPTION_KEYS holds {_fingerprints()}. Put the former key back, as the second one if the first "
            "is to replace it."
        )
    if (fingerprint := key_fingerprint(opening[0])) != known.key_fingerprint:
        Installation.objects.filter(pk=known.pk).update(key_fingerprint=fingerprint)


def _check_address(known: Installation) -> str:
    """Hold back writes while another address is served than last time: it may be a copy of the real database."""
    served, before = settings.PUBLIC_URL, known.public_url
    if served == before or (_is_own(served) and _is_own(before)):
        reason = ""
    else:
        reason = f"This database last served {before}; now it is {served}. If it is a copy, leave it so."[:300]
    values = {"capture_reason": reason, "started_at": timezone.now()} | ({} if reason else {"public_url": served})
    Installation.objects.filter(pk=known.pk).update(**values)
    return reason


def _stored_proof(pk: int) -> str:
    """Return the proof as it is stored: the field itself would decrypt it."""
    as_stored = Cast("key_proof", TextField())
    proof: str = Installation.objects.filter(pk=pk).values_list(as_stored, flat=True).get()
    return proof


def _opens(key: str, stored: str) -> bool:
    try:
        Fernet(key).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _is_own(url: str) -> bool:
    """Tell whether `make run` serves this address on the machine itself or in its own network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        near = ip_address(host).is_private
    except ValueError:
        near = host == "localhost" or host.endswith(".local")
    return near and (parts.scheme == "http" or bool(settings.OWN_HTTPS and parts.port))


def _fingerprints() -> str:
    return ", ".join(key_fingerprint(key) for key in settings.FIELD_ENCRYPTION_KEYS)
