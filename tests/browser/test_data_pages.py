"""The pages of imports and data stores in a real browser: as every page of the admin, and used once."""

import pytest
from django.urls import reverse

from integrations.platforms.worklink.models import ImportJob, ImportSchedule
from integrations.stores.models import DataStore, Mode, StoreLoad
from tests.browser.conftest import Visitor
from tests.browser.test_pages import complaints_of
from tests.factories import make_connection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages() -> dict[str, str]:
    cms = make_connection(platform="worklink", slug="cms", name="CMS of the works in Lyon")
    job = ImportJob.objects.create(connection=cms, total=260, listed=100, seen=90, changed=7, seconds=4.0, pages=4)
    ImportSchedule.objects.create(connection=cms)
    store = DataStore.objects.create(name="Warehouse", slug="warehouse", kind="POSTGRESQL", host="db.example.com")
    note = "Warehouse: OperationalError: connection to server at “db.example.com” failed: no route to host"
    load = StoreLoad.objects.create(
        store=store, mode=Mode.PERIOD, total=10, loaded=3, rows=30, state="FAILED", note=note
    )
    named = {
        "imports": reverse("admin:worklink_importjob_changelist"),
        "import": reverse("admin:worklink_importjob_change", args=[job.pk]),
        "import_ask": reverse("admin:worklink_import_ask"),
        "schedules": reverse("admin:worklink_importschedule_changelist"),
        "schedule_add": reverse("admin:worklink_importschedule_add"),
        "stores": reverse("admin:stores_datastore_changelist"),
        "store": reverse("admin:stores_datastore_change", args=[store.pk]),
        "store_add": reverse("admin:stores_datastore_add"),
        "store_ask": reverse("admin:stores_load_ask", args=[store.pk]),
        "loads": reverse("admin:stores_storeload_changelist"),
        "load": reverse("admin:stores_storeload_change", args=[load.pk]),
    }
    return named


def test_the_pages_of_data_are_as_good_as_the_others(visitor: Visitor, pages: dict[str, str]) -> None:
    wrong = {name: found for name, path in pages.items() if (found := complaints_of(visitor, name, path))}

    assert wrong == {}
    assert visitor.complaints == []
