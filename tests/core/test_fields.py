import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models.functions import Cast
from django.test.utils import isolate_apps
from pytest_django import Settings

from integrations.core.fields import EncryptedJSONField, WrongKey, decrypt, encrypt, key_fingerprint

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
CREDENTIALS = {"user": "ann", "password": "pässword-1", "nested": {"token": "deep-1"}}


@pytest.fixture
def safe(settings: Settings) -> Iterator[Any]:
    """A model with an encrypted field, its table thrown away afterwards."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    with isolate_apps("integrations.core"):

        class Safe(models.Model):
            secret = EncryptedJSONField(null=True)

            class Meta:
                app_label = "core"

        with connection.schema_editor() as editor:
            editor.create_model(Safe)
        yield Safe
        with connection.schema_editor() as editor:
            editor.delete_model(Safe)


def stored(model: Any, pk: int) -> str:
    text = model.objects.annotate(text=Cast("secret", models.TextField())).values_list("text", flat=True).get(pk=pk)
    return str(text)


def test_what_is_saved_is_read_back_and_stored_as_ciphertext(safe: Any) -> None:
    row = safe.objects.create(secret=CREDENTIALS)

    assert safe.objects.get(pk=row.pk).secret == CREDENTIALS
    assert "ssword" not in stored(safe, row.pk)
    assert "ann" not in stored(safe, row.pk)
    assert safe.objects.create(secret=["a", "b"]).pk
    assert safe.objects.get(pk=row.pk + 1).secret == ["a", "b"]
    assert safe.objects.create(secret=None).pk
    assert safe.objects.filter(secret__isnull=True).count() == 1


def test_the_same_value_is_another_ciphertext_each_time(safe: Any) -> None:
    first, second = safe.objects.create(secret=CREDENTIALS), safe.objects.create(secret=CREDENTIALS)

    assert stored(safe, first.pk) != stored(safe, second.pk)


def test_no_value_is_shown_by_repr_or_str(safe: Any) -> None:
    row = safe.objects.create(secret=CREDENTIALS)
    listed = safe.objects.create(secret=["s3cret"])

    shown = [repr(safe.objects.get(pk=pk).secret) + str(safe.objects.get(pk=pk).secret) for pk in (row.pk, listed.pk)]

    assert "<secret: nested, password, user>" in shown[0]
    assert "1 values" in shown[1]
    assert not any(value in "".join(shown) for value in ("pässword-1", "deep-1", "s3cret"))
    assert "deep-1" not in repr(safe.objects.get(pk=row.pk).secret["nested"])
    assert json.dumps(safe.objects.get(pk=row.pk).secret["nested"]) == '{"token": "deep-1"}'


def test_it_cannot_be_searched(safe: Any) -> None:
    with pytest.raises(FieldError):
        safe.objects.filter(secret=CREDENTIALS).exists()


def test_dumps_leave_it_out(safe: Any) -> None:
    row = safe.objects.create(secret=CREDENTIALS)

    assert safe._meta.get_field("secret").value_to_string(row) == ""


def test_every_key_opens_and_the_first_encrypts(safe: Any, settings: Settings) -> None:
    old = safe.objects.create(secret=CREDENTIALS)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    new = safe.objects.create(secret={"n": 1})

    assert safe.objects.get(pk=old.pk).secret == CREDENTIALS
    assert json.loads(Fernet(NEW).decrypt(stored(safe, new.pk).encode())) == {"n": 1}


def test_a_wrong_key_is_named_by_its_fingerprint(safe: Any, settings: Settings) -> None:
    row = safe.objects.create(secret=CREDENTIALS)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(WrongKey, match=key_fingerprint(NEW)) as caught:
        safe.objects.get(pk=row.pk)

    assert NEW not in str(caught.value)
    assert len(key_fingerprint(NEW)) == 8


def test_what_is_no_ciphertext_is_a_wrong_key_too(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]

    assert decrypt(encrypt({"a": 1})) == {"a": 1}
    with pytest.raises(WrongKey):
        decrypt("not a token")
