"""Changing the encryption key while everything runs."""

import io

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from django.db.models import TextField
from django.db.models.functions import Cast
from pytest_django.fixtures import Settings

from integrations.connections import rotation
from integrations.connections.models import Connection, Installation
from integrations.core.fields import WrongKey, cipher
from integrations.inbox.models import WebhookSource
from tests.factories import make_connection, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings: Settings) -> tuple[str, str]:
    """The former key and the new one, the new one first in the settings."""
    former, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    return former, new


def rotate(**options: int) -> str:
    out = io.StringIO()
    call_command("rotate_encryption", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_every_secret_is_opened_by_the_new_key_alone(keys: tuple[str, str], settings: Settings) -> None:
    for number in range(5):
        make_connection(credentials={"token": f"t{number}"})
    make_source(secrets=["s"])
    Installation.objects.create(key_proof={"proof": "fieldport"}, key_fingerprint="x", public_url="http://a")
    settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]

    assert "14 secrets" in rotate(batch=2)

    settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
    tokens = {each.credentials.get("token") for each in Connection.objects.all()}
    assert tokens == {None, *(f"t{number}" for number in range(5))}
    assert WebhookSource.objects.get().secrets == ["s"]
    assert Installation.objects.get().key_proof == {"proof": "fieldport"}


def test_doing_it_again_changes_nothing(keys: tuple[str, str], settings: Settings) -> None:
    make_connection(credentials={"token": "t"})
    settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]
    rotate()

    assert "0 secrets" in rotate()


def test_a_secret_that_changes_meanwhile_keeps_its_change(keys: tuple[str, str], settings: Settings) -> None:
    connection = make_connection(credentials={"token": "old"})
    rows = rotation._as_stored(Connection, "credentials")
    stored: str = Connection.objects.values_list(Cast("credentials", TextField()), flat=True).get()
    settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]
    connection.credentials = {"token": "new"}
    connection.save()

    assert not rotation._rotate_one(rows, "credentials", connection.pk, stored)

    connection.refresh_from_db()
    assert connection.credentials == {"token": "new"}


def test_a_row_that_no_key_opens_is_named_and_left(settings: Settings) -> None:
    connection = make_connection(credentials={"token": "t"})
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(WrongKey, match=f"connections.Connection {connection.pk}, field credentials"):
        rotate()

    stored: str = Connection.objects.values_list(Cast("credentials", TextField()), flat=True).get()
    with pytest.raises(InvalidToken):
        cipher().decrypt(stored.encode())
