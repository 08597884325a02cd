"""The form of a store: what each kind needs, what is refused, and that nothing is stored then."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.stores.models import DataStore

pytestmark = pytest.mark.django_db
DUCK = {"name": "Duck", "slug": "duck", "kind": "DUCKDB", "dataset": "fieldport", "tls": "require", "time_zone": "UTC"}
ELEPHANT = DUCK | {"kind": "POSTGRESQL", "host": "db.example.com", "database": "lake", "username": "loader"}


def posted(client: Client, **values: Any) -> str:
    answer = client.post(reverse("admin:stores_datastore_add"), DUCK | values, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_duckdb_file_needs_a_name_only(admin_client: Client) -> None:
    posted(admin_client)

    assert DataStore.objects.get().slug == "duck"


def test_a_secret_is_kept_encrypted_and_not_shown_again(admin_client: Client) -> None:
    posted(admin_client, **ELEPHANT, password="hunter2")
    store = DataStore.objects.get()
    assert (store.secret("password"), store.port) == ("hunter2", 5432)

    page = admin_client.get(reverse("admin:stores_datastore_change", args=[store.pk])).content.decode()
    admin_client.post(reverse("admin:stores_datastore_change", args=[store.pk]), ELEPHANT | {"name": "Renamed"})

    assert "hunter2" not in page
    renamed = DataStore.objects.get()
    assert (renamed.name, renamed.secret("password")) == ("Renamed", "hunter2")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (ELEPHANT, "This kind of store needs it."),
        (ELEPHANT | {"password": "x", "host": "169.254.169.254"}, "OUTBOUND_ALLOW"),
        (ELEPHANT | {"password": "x", "host": "a host/with?things"}, "An address holds no spaces"),
        (ELEPHANT | {"password": "x", "port": "9" * 30}, "65535"),
        ({"kind": "S3", "bucket": "../x", "access_key_id": "x", "secret_access_key": "x"}, "small letters"),
        ({"kind": "OTHER", "destination": "snowflake", "url": "x"}, "Select a valid choice"),
        ({"cron": "every night"}, "five fields"),
        ({"cron": "0 3 * * *", "time_zone": "Mars/Base"}, "is not a time zone"),
        ({"slug": "../etc"}, "slug"),
        ({"dataset": "a; DROP TABLE x"}, "slug"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_stored(
    admin_client: Client, settings: Settings, values: dict[str, Any], sentence: str
) -> None:
    settings.OUTBOUND_ALLOW = []

    assert sentence in posted(admin_client, **values)

    assert not DataStore.objects.exists()
