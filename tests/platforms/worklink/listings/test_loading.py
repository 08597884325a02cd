"""Tables of catalogs and contacts: looked at first, loaded whole or not at all, and the second time without effect."""

from typing import Any

import pytest

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import PermanentError
from integrations.core.tables import read_text
from integrations.events.models import Event
from integrations.platforms.worklink.listings import loading
from integrations.platforms.worklink.models import (
    CatalogObject,
    Contact,
    Lists,
    Scenario,
    ScenarioCatalog,
    Source,
    TableLoad,
)
from tests.factories import make_connection

pytestmark = pytest.mark.django_db

CATALOGS = """catalog,external_asset_id,object_kind,object_id,scenario
Pumps,PUMP-77,,,Inspection
Pumps,,asset,PUMP-78,Seal
Pumps,PUMP-77,Training  Module,TM-1,Inspection
Motors,,,,Seal
"""
CONTACTS = "call_id,name,email,group,licence\nc1,Ada,ada@acme.example,Pumps,Tech+\nc2,,,,\n"


@pytest.fixture
def cms() -> Connection:
    return make_connection()


def brought(connection: Connection, lists: Lists, text: str) -> TableLoad:
    table = read_text(text, columns=loading.columns_of(lists))
    return loading.bring(table, connection=connection, lists=lists, name="x.csv", by="olga", now=clock.now())


def loaded(connection: Connection, lists: Lists, text: str) -> str:
    return loading.write(brought(connection, lists, text), now=clock.now())


def errors(connection: Connection, lists: Lists, text: str) -> list[str]:
    """The errors of a table's rows; that nothing of it is loaded is asserted, too."""
    load = brought(connection, lists, text)
    before = [
        list(model._default_manager.values()) for model in (ScenarioCatalog, Scenario, Contact, CatalogObject, Event)
    ]
    with pytest.raises(PermanentError, match="nothing was loaded"):
        loading.write(load, now=clock.now())
    after = [
        list(model._default_manager.values()) for model in (ScenarioCatalog, Scenario, Contact, CatalogObject, Event)
    ]
    assert before == after
    assert TableLoad.objects.get(pk=load.pk).loaded_at is None
    return [" ".join(line.errors) for line in loading.plan_of(load).lines if line.errors]


def test_looking_at_a_table_writes_nothing(cms: Connection) -> None:
    plan = loading.plan_of(brought(cms, Lists.CATALOGS, CATALOGS))

    assert [line.does for line in plan.lines] == [
        ["new catalog", "new scenario Inspection"],
        ["serves asset PUMP-78", "new scenario Seal"],
        ["serves training module TM-1"],
        ["new catalog", "new scenario Seal"],
    ]
    assert not ScenarioCatalog.objects.exists()


def test_catalogs_are_loaded_once(cms: Connection) -> None:
    first = loaded(cms, Lists.CATALOGS, CATALOGS)
    second = loaded(cms, Lists.CATALOGS, CATALOGS)

    pumps, motors = ScenarioCatalog.objects.order_by("-name")
    assert (pumps.external_asset_id, pumps.source) == ("PUMP-77", Source.FILE)
    assert sorted(pumps.scenarios.values_list("name", flat=True)) == ["Inspection", "Seal"]
    assert sorted(pumps.served.values_list("kind", "object_id")) == [("asset", "PUMP-78"), ("training module", "TM-1")]
    assert motors.scenarios.get() == Scenario.objects.get(name="Seal")
    assert first == "4 rows changed something, 0 were there already."
    assert second == "0 rows changed something, 4 were there already."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("catalog\nA\n\nB\n", []),
        ("catalog,object_kind\nA,asset\n", ["object_kind is there without object_id."]),
        ("catalog,scenario_id\nA,7\n", ["scenario_id is there without scenario, its name."]),
        ("catalog,scenario\n,S\n", ["catalog is empty."]),
        ("catalog\nA,B\n", ["It has more cells than the heading."]),
        ("catalog,external_asset_id\nA,1\nA,2\n", ["An earlier row says external_asset_id 1."]),
        ("catalog,catalog_id\nA,1\nA,2\n", ["An earlier row says catalog_id 1."]),
        ("catalog,object_id\nA," + "x" * 201, ["object_id has more than 200 characters."]),
        ("catalog\nTwice\n", ["2 are called “Twice”: give the number."]),
        ("catalog,external_asset_id\nCMS,OTHER\n", ["In the CMS the external asset id is “PUMP-77”."]),
        ("catalog,scenario\nCMS,New\n", ["In the CMS this catalog does not hold “New”. Add it there."]),
    ],
)
def test_what_a_row_of_catalogs_cannot_do_is_said(cms: Connection, text: str, said: list[str]) -> None:
    ScenarioCatalog.objects.create(connection=cms, name="Twice")
    ScenarioCatalog.objects.create(connection=cms, name="Twice")
    of_cms: dict[str, Any] = {"connection": cms, "name": "CMS", "source": Source.CMS, "resource_id": "node"}
    ScenarioCatalog.objects.create(**of_cms, external_asset_id="PUMP-77")

    if not said:
        loaded(cms, Lists.CATALOGS, text)
        assert ScenarioCatalog.objects.filter(source=Source.FILE).count() == 2
    else:
        found = errors(cms, Lists.CATALOGS, text)
        assert len(found) == len(said)
        assert all(each.startswith(start) for each, start in zip(found, said, strict=True))


def test_an_object_is_added_to_a_catalog_of_the_cms(cms: Connection) -> None:
    catalog = ScenarioCatalog.objects.create(
        connection=cms, name="CMS", source=Source.CMS, resource_id="node", external_asset_id="P", database_id="5512"
    )

    loaded(cms, Lists.CATALOGS, "catalog,catalog_id,external_asset_id,object_id\nAny name,5512,P,P-2\n")

    assert catalog.served.get().object_id == "P-2"
    assert ScenarioCatalog.objects.get().name == "CMS"


def test_contacts_are_loaded_once_and_published_once(cms: Connection) -> None:
    first = loaded(cms, Lists.CONTACTS, CONTACTS)
    second = loaded(cms, Lists.CONTACTS, CONTACTS)

    ada, other = Contact.objects.order_by("call_id")
    assert (ada.name, ada.group, ada.licence, ada.key, ada.source) == ("Ada", "Pumps", "TECH_PLUS", "c1", Source.FILE)
    assert other.name == "c2"
    assert Event.objects.filter(type="contact.changed").count() == 2
    assert (first[:2], second[:2]) == ("2 ", "0 ")


def test_a_table_adds_to_a_user_of_the_cms_only_what_the_cms_does_not_tell(cms: Connection) -> None:
    Contact.objects.create(connection=cms, call_id="c1", name="Ada F.", source=Source.CMS, resource_id="node")

    loaded(cms, Lists.CONTACTS, CONTACTS)

    ada = Contact.objects.get(call_id="c1")
    assert (ada.name, ada.email, ada.group, ada.licence, ada.key) == ("Ada F.", "", "Pumps", "TECH_PLUS", "node")
    assert Event.objects.get(source_id=str(ada.pk)).payload["changed"] == ["group", "licence"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (",Ada,,,\n", "call_id is empty."),
        ("c1,,no address,,\n", "“no address” is no e-mail address."),
        ("c1,,,,Boss\n", "licence is one of Company Administrator"),
        ("c1,,,,\nc1,,,,\n", "The call id stands in an earlier row, too."),
        ("x" * 201 + ",,,,\n", "call_id has more than 200 characters."),
    ],
)
def test_what_a_row_of_contacts_cannot_do_is_said(cms: Connection, rows: str, said: str) -> None:
    (found,) = errors(cms, Lists.CONTACTS, f"call_id,name,email,group,licence\n{rows}")

    assert found.startswith(said)
