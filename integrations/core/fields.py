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


class SecretDict(dict[str, Any]):
    """A dictionary that shows its keys and none of its values, not even in an error page."""

    def __repr__(self) -> str:
        return f"<secret: {', '.join(sorted(map(str, self)))}>"

    __str__ = __repr__


class SecretList(list[Any]):
    """A list that shows its length only."""

    def __repr__(self) -> str:
        return f"<secret: {len(self)} values>"

    __str__ = __repr__


def encrypt(value: Any) -> str:
    return cipher().encrypt(json.dumps(value).encode()).decode()


def decrypt(stored: str) -> Any:
    """Return the value, objects and lists as kinds that do not show what they hold.

    :raises WrongKey: naming the fingerprints of the keys that were tried
    """
    try:
        value = json.loads(cipher().decrypt(stored.encode()), object_hook=SecretDict)
    except InvalidToken as error:
        tried = ", ".join(key_fingerprint(key) for key in settings.FIELD_ENCRYPTION_KEYS)
        raise WrongKey(
            f"None of FIELD_ENCRYPTION_KEYS (fingerprints {tried}) opens a stored secret. Put the key it was "
            "encrypted with back; it may stand behind the new one."
        ) from error
    return SecretList(value) if isinstance(value, list) else value


class EncryptedJSONField(models.TextField):  # type: ignore[type-arg]  # stubs make it generic, Django does not
    """JSON in Python, ciphertext in the database. It cannot be searched."""

    # What the type checker takes and gives: any JSON, where TextField has texts.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return encrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow `isnull` alone: the same value is another ciphertext each time."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        """Leave secrets out of dumps."""
        return ""
