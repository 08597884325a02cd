"""The admin's pages of catalogs, contacts, imports and tables: rights, forms, downloads, bad input."""

import csv
import re
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Connection
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.platforms.worklink.models import (
    CmsImport,
    Contact,
    Scenario,
    ScenarioCatalog,
    Source,
    TableLoad,
)
from integrations.workorders.models import WorkOrder
from tests.core.tables.books import book_of, book_of_texts, text_cell
from tests.desk.people import signed_in
from tests.factories import make_connection

pytestmark = pytest.mark.django_db

BRING = reverse("admin:worklink_tableload_bring")
GAPS = reverse("admin:worklink_scenariocatalog_gaps")
CATALOGS = reverse("admin:worklink_scenariocatalog_changelist")


@pytest.fixture
def cms() -> Connection:
    return make_connection()


def upload(client: Client, cms: Connection, content: bytes, *, lists: str = "CATALOGS", **values: Any) -> Any:
    file = SimpleUploadedFile("any name.txt", content)
    return client.post(BRING, {"connection": cms.pk, "lists": lists, "file": file, **values})


def of_cms(cms: Connection, **values: Any) -> dict[str, Any]:
    return {"connection": cms, "source": Source.CMS, "resource_id": "node", **values}


def form_of(cms: Connection, *objects: tuple[str, str], **values: Any) -> dict[str, Any]:
    data = {"connection": cms.pk, "name": "Pumps", "external_asset_id": "PUMP-77", "database_id": "", **values}
    data |= {"served-TOTAL_FORMS": len(objects), "served-INITIAL_FORMS": 0}
    for number, (kind, key) in enumerate(objects):
        data |= {f"served-{number}-kind": kind, f"served-{number}-object_id": key}
    return data


def test_a_workbook_is_shown_first_and_loaded_by_its_button(admin_client: Client, cms: Connection) -> None:
    answer = upload(admin_client, cms, book_of_texts(("Catalog", "Object ID"), ("Pumps", "P-1"), ("Pumps", "P-2")))

    load = TableLoad.objects.get()
    shown = admin_client.get(answer.url).content.decode()
    assert "serves asset P-1" in shown
    assert not ScenarioCatalog.objects.exists()

    admin_client.post(reverse("admin:worklink_tableload_do", args=[load.pk, "load"]))
    assert ScenarioCatalog.objects.get().served.count() == 2
    assert TableLoad.objects.get().brought_by == "admin"
    assert admin_client.get(answer.url).status_code == 200

    again = admin_client.post(reverse("admin:worklink_tableload_do", args=[load.pk, "load"]))
    assert again.status_code == 403


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"catalog\xff\n", "not UTF-8"),
        (b"", "The submitted file is empty|Choose a file|The file is empty"),
        (b"colour\nred\n", "“colour” is not known"),
        (book_of(text_cell("A1", "catalog"), '<c r="A2"><f>1</f></c>'), "The cell A2 .sheet1.xml. is a formula"),
        (b"PK\x03\x04rest", "cannot be unpacked"),
    ],
)
def test_a_file_that_is_refused_says_why_and_leaves_nothing(
    admin_client: Client, cms: Connection, content: bytes, said: str
) -> None:
    answer = upload(admin_client, cms, content)

    assert re.search(said, answer.content.decode())
    assert not TableLoad.objects.exists()


def test_rows_with_errors_are_shown_and_nothing_is_loaded(admin_client: Client, cms: Connection) -> None:
    answer = upload(admin_client, cms, b"call_id,licence\nc1,Boss\nc2,\n", lists="CONTACTS")

    assert "licence is one of" in admin_client.get(answer.url).content.decode()
    admin_client.post(reverse("admin:worklink_tableload_do", args=[TableLoad.objects.get().pk, "load"]))
    assert not Contact.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("values", [{"connection": "0"}, {"lists": "X"}, {"connection": "\x00"}])
def test_a_form_that_is_not_understood_is_asked_again(admin_client: Client, cms: Connection, values: Any) -> None:
    assert upload(admin_client, cms, b"catalog\nA\n", **values).status_code == 200
    assert not TableLoad.objects.exists()


def test_a_catalog_is_entered_with_its_scenarios_and_objects(admin_client: Client, cms: Connection) -> None:
    known = Scenario.objects.create(connection=cms, name="Inspection", database_id="17")
    data = form_of(cms, ("Training  Module", "TM-1"), scenario_names="17\nSeal\nSeal\n")

    admin_client.post(reverse("admin:worklink_scenariocatalog_add"), data)

    catalog = ScenarioCatalog.objects.get()
    assert [each.name for each in catalog.scenarios.order_by("name")] == ["Inspection", "Seal"]
    assert known in catalog.scenarios.all()
    assert catalog.served.get().kind == "training module"
    assert admin_client.get(reverse("admin:worklink_scenariocatalog_change", args=[catalog.pk])).status_code == 200


def test_what_the_cms_says_is_not_edited_and_objects_are_added_to_it(admin_client: Client, cms: Connection) -> None:
    catalog = ScenarioCatalog.objects.create(**of_cms(cms, name="Pumps", external_asset_id="P"))
    catalog.scenarios.add(Scenario.objects.create(connection=cms, name="Inspection"))
    page = reverse("admin:worklink_scenariocatalog_change", args=[catalog.pk])

    admin_client.post(page, form_of(cms, ("asset", "P-2"), name="Other", scenario_names=""))

    catalog.refresh_from_db()
    assert (catalog.name, catalog.served.get().object_id, catalog.scenarios.count()) == ("Pumps", "P-2", 1)
    assert admin_client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_a_contact_that_is_entered_and_marked_as_gone_is_told(admin_client: Client, cms: Connection) -> None:
    data = {"connection": cms.pk, "name": "Ada", "call_id": "c 1", "email": "", "group": "", "licence": "EXPERT"}
    admin_client.post(reverse("admin:worklink_contact_add"), data)
    contact = Contact.objects.get()
    page = reverse("admin:worklink_contact_change", args=[contact.pk])

    shown = admin_client.get(page).content.decode()
    admin_client.post(reverse("admin:worklink_contact_do", args=[contact.pk, "mark_gone"]))

    assert "worklink://resource?action=fetch_user&amp;user=c%201" in shown
    assert "deep_link=worklink%3A%2F%2Fresource%3Faction%3Dfetch_company_contact<" in shown
    assert "Tech+, Expert" in shown
    assert list(Event.objects.order_by("pk").values_list("type", flat=True)) == ["contact.changed", "contact.vanished"]


def test_two_contacts_with_one_call_id_are_refused_without_a_fault(admin_client: Client, cms: Connection) -> None:
    Contact.objects.create(connection=cms, name="Ada", call_id="c1")
    data = {"connection": cms.pk, "name": "Bob", "call_id": "c1", "email": "", "group": "", "licence": ""}

    answer = admin_client.post(reverse("admin:worklink_contact_add"), data)

    assert answer.status_code == 200
    assert "is taken" in answer.content.decode()
    assert not Event.objects.exists()


def test_downloads_are_read_back_and_begin_no_formula(admin_client: Client, cms: Connection) -> None:
    Contact.objects.create(connection=cms, name="=HYPERLINK(1)", call_id="c1", licence="TECH_PLUS")
    catalog = ScenarioCatalog.objects.create(connection=cms, name="+Pumps", external_asset_id="P")
    catalog.served.create(kind="asset", object_id="P-2")
    catalog.scenarios.add(Scenario.objects.create(connection=cms, name="Seal"))

    contacts, catalogs = (
        b"".join(admin_client.get(reverse(f"admin:worklink_{name}_csv")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        for name in ("contact", "scenariocatalog")
    )

    (row,) = csv.DictReader(StringIO(contacts))
    assert (row["name"], row["licence"]) == ("'=HYPERLINK(1)", "Tech+")
    answer = upload(admin_client, cms, catalogs.encode())
    assert "All of it is there already." in admin_client.get(answer.url).content.decode()


def test_the_gap_report_leads_to_the_orders_and_to_a_new_catalog(admin_client: Client, cms: Connection) -> None:
    for _ in range(2):
        WorkOrder.objects.create(asset="A & B")
    ScenarioCatalog.objects.create(connection=cms, name="Nobody's", external_asset_id="N")

    page = admin_client.get(GAPS)
    (row,) = page.context["assets"]
    orders = admin_client.get(row["list"]).context["cl"].result_list
    form = admin_client.get(row["add"]).context["adminform"].form

    assert (row["orders"], len(orders), form.initial["external_asset_id"]) == (2, 2, "A & B")
    for show in ("unused", "empty"):
        assert "Nobody&#x27;s" in admin_client.get(f"{GAPS}?show={show}&connection={cms.pk}").content.decode()
    answer: Any = admin_client.get(f"{reverse('admin:worklink_scenariocatalog_gaps_csv')}?show=uncovered")
    saved = b"".join(answer.streaming_content)
    assert saved.decode("utf-8-sig").splitlines() == ["asset,orders", "A & B,2"]


@pytest.mark.parametrize(
    "query",
    [
        "show=x",
        "connection=x",
        "connection=999999999999999999999",
        "p=-1",
        "p=99999",
        "p=%00",
        "orders=%00",
        "show=unused&p=x",
    ],
)
def test_the_gap_report_takes_any_question(admin_client: Client, query: str) -> None:
    assert admin_client.get(f"{GAPS}?{query}").status_code == 200
    assert admin_client.get(f"{reverse('admin:worklink_scenariocatalog_gaps_csv')}?{query}").status_code == 200


def test_the_button_of_an_import_wants_it_now(admin_client: Client, cms: Connection) -> None:
    row = CmsImport.objects.create(connection=cms, lists="CONTACTS", state=WorkState.DONE, seen=4, total=6)

    admin_client.post(reverse("admin:worklink_cmsimport_do", args=[row.pk, "import_now"]))

    row.refresh_from_db()
    assert (row.state, row.accept_loss) == (WorkState.DUE, False)
    page = admin_client.get(reverse("admin:worklink_cmsimport_change", args=[row.pk])).content.decode()
    assert "4 of 6" in page
    assert "data-live" in page


def test_a_viewer_looks_and_changes_nothing(cms: Connection) -> None:
    client = signed_in("Viewer")
    contact = Contact.objects.create(connection=cms, name="Ada", call_id="c1")
    row = CmsImport.objects.create(connection=cms, lists="CONTACTS", state=WorkState.DONE)

    looked = [client.get(each).status_code for each in (CATALOGS, GAPS, reverse("admin:worklink_contact_csv"))]
    refused = [
        upload(client, cms, b"catalog\nA\n").status_code,
        client.post(reverse("admin:worklink_contact_do", args=[contact.pk, "mark_gone"])).status_code,
        client.post(reverse("admin:worklink_contact_do", args=[contact.pk, "write_one_again"])).status_code,
        client.post(reverse("admin:worklink_cmsimport_do", args=[row.pk, "import_now"])).status_code,
        client.get(reverse("admin:worklink_scenariocatalog_add")).status_code,
    ]

    assert looked == [200, 200, 200]
    assert refused == [403] * 5
    assert not TableLoad.objects.exists()
    assert not Event.objects.exists()
    assert Contact.objects.there().exists()
    assert not CmsImport.objects.filter(state=WorkState.DUE).exists()
