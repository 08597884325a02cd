"""A model field for secrets: JSON, encrypted with Fernet, its first key encrypting and every key decrypting."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def key_fingerprint(key: str) -> str:
    """Return the first 8 hex digits of the key's SHA-256: enough to tell keys apart, useless to an attacker."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


class WrongKey(ImproperlyConfigured):
    """None of the configured keys opens what is stored."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(value: Any) -> str:
    return cipher().encrypt(json.dumps(value).encode()).decode()


def decrypt(stored: str) -> Any:
    """Return the value. :raises WrongKey: naming the fingerprints of the keys that were tried"""
    try:
        return json.loads(cipher().decrypt(stored.encode()))
    except InvalidToken as error:
        tried = ", ".join(key_fingerprint(key) for key in settings.FIELD_ENCRYPTION_KEYS)
        raise WrongKey(f"None of FIELD_ENCRYPTION_KEYS (fingerprints {tried}) opens a stored secret.") from error


class EncryptedJSONField(models.TextField):  # type: ignore[type-arg]  # stubs make it generic, Django does not
    """JSON in Python, ciphertext in the database. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return ""
