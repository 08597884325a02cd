"""Change of the encryption key: each secret is decrypted with any key and encrypted with the first."""

from collections.abc import Iterator
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from integrations.core.fields import EncryptedJSONField, WrongKey, cipher


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Yield each model with each of its encrypted fields."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedJSONField):
                yield model, field.name


def rotate(model: type[models.Model], field: str, *, batch: int) -> Iterator[int]:
    """Go through a table by key, a batch at a time; yield how many secrets each batch changed.

    :raises WrongKey: naming the row that none of the keys opens
    """
    rows, last = _as_stored(model, field), 0
    while pairs := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "as_stored")[:batch]):
        yield sum(_rotate_one(rows, field, pk, stored) for pk, stored in pairs)
        last = pairs[-1][0]


def _as_stored(model: type[models.Model], field: str) -> "models.QuerySet[Any]":
    return model._base_manager.annotate(as_stored=Cast(field, TextField())).filter(as_stored__isnull=False)


def _rotate_one(rows: "models.QuerySet[Any]", field: str, pk: Any, stored: str) -> bool:
    """Replace one secret, unless someone changed it since it was read: then it is new already."""
    if _is_current(stored):
        return False
    try:
        fresh = cipher().rotate(stored.encode()).decode()
    except InvalidToken as error:
        raise WrongKey(f"None of FIELD_ENCRYPTION_KEYS opens {rows.model._meta.label} {pk}, field {field}.") from error
    changed = rows.filter(pk=pk, as_stored=stored).update(**{field: Value(fresh, output_field=TextField())})
    return changed == 1


def _is_current(stored: str) -> bool:
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True
