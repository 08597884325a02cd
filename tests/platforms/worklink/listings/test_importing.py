"""Scenarios, catalogs and contacts as the CMS lists them: what comes, what vanishes, what a schema does not have."""

from datetime import timedelta
from typing import Any

import pytest

from integrations.core import clock
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.platforms.worklink.listings import running
from integrations.platforms.worklink.models import (
    CmsImport,
    Contact,
    Licence,
    Lists,
    Scenario,
    ScenarioCatalog,
    Source,
)
from integrations.schedules.models import ScheduledJob
from tests.platforms.worklink.house import House


@pytest.fixture(autouse=True)
def _nobody_listens(house: House) -> None:
    house.cms.listen()


def imported(house: House, lists: Lists, **values: Any) -> CmsImport:
    """Read a list now, as a worker does; return its row."""
    row, _ = CmsImport.objects.get_or_create(connection=house.connection, lists=lists)
    running.want(row, **values)
    drain(CmsImport, running.run)
    return CmsImport.objects.get(pk=row.pk)


def add(house: House, typename: str, **fields: Any) -> dict[str, Any]:
    with house.cms.state.lock:
        return house.cms.state.nodes.create(typename, **fields)


def remove(house: House, doc: dict[str, Any]) -> None:
    with house.cms.state.lock:
        house.cms.state.nodes.remove(doc)


def test_catalogs_come_with_their_scenarios_and_a_second_import_changes_nothing(house: House) -> None:
    row = imported(house, Lists.CATALOGS)

    held = {each.external_asset_id: sorted(each.scenarios.values_list("name", flat=True)) for each in catalogs()}
    assert held == {
        "PUMP-77": ["Pump inspection", "Seal replacement"],
        "GEN-9": ["Generator start-up"],
        "42": ["Line changeover"],
    }
    assert (row.state, row.note) == (WorkState.DONE, "7 read, 7 new or changed.")
    assert Scenario.objects.get(name="Pump inspection").group == "Pumps"
    assert {each.source for each in catalogs()} == {Source.CMS}

    assert imported(house, Lists.CATALOGS).note == "7 read, 0 new or changed."


def catalogs() -> list[ScenarioCatalog]:
    rows: Any = ScenarioCatalog.objects.there()
    return list(rows)


@pytest.mark.parametrize("by_cursor", [True, False])
def test_long_lists_are_read_page_by_page_also_inside_of_a_catalog(house: House, by_cursor: bool) -> None:
    house.cms.set_settings(paging_by_cursor=by_cursor, paging_by_index=True)
    group = house.cms.state.nodes.all("Group")[0]["id"]
    common = {"author": None, "publishedAt": "2026-01-01T00:00:00Z", "_group": group, "originGroup": group}
    made = [add(house, "Scenario", name=f"S{number}", description="", **common)["id"] for number in range(60)]
    add(house, "ScenarioCatalog", name="Big", externalAssetId="BIG", deepLink="", _scenarios=made, _group=group)

    row = imported(house, Lists.CATALOGS)

    assert (row.seen, row.total) == (68, 68)
    assert ScenarioCatalog.objects.get(name="Big").scenarios.count() == 60


def test_a_list_that_cannot_be_read_to_its_end_is_refused_and_marks_nothing(house: House) -> None:
    imported(house, Lists.CATALOGS)
    house.cms.set_settings(paging_by_cursor=False)
    house.connection.probe = {}
    house.connection.save()
    group = house.cms.state.nodes.all("Group")[0]["id"]
    for number in range(100):
        add(house, "Scenario", name=f"S{number}", author=None, publishedAt=None, _group=group, originGroup=group)

    row = imported(house, Lists.CATALOGS)

    assert (row.state, "offers no way to go on" in row.note) == (WorkState.FAILED, True)
    assert Scenario.objects.there().count() == 4


def test_contacts_are_users_with_call_ids_and_each_is_published_once(house: House) -> None:
    row = imported(house, Lists.CONTACTS)

    assert (row.state, row.seen) == (WorkState.DONE, 6)
    ada = Contact.objects.get(call_id="call-ada.fischer")
    assert (ada.name, ada.email, ada.licence) == ("Ada Fischer", "ada.fischer@acme.example", Licence.UNKNOWN)
    assert Event.objects.filter(type="contact.changed").count() == 6
    payload = Event.objects.filter(source_id=str(ada.pk)).get().payload
    assert payload["records"] == {str(house.erp.pk): ada.key}

    imported(house, Lists.CONTACTS)

    assert Event.objects.count() == 6


def test_a_contact_that_changed_or_vanished_is_told_once(house: House) -> None:
    imported(house, Lists.CONTACTS)
    ada, bruno = house.cms.state.nodes.all("User")[:2]
    house.cms.set_fields(ada["id"], {"name": "Ada Fischer-Meyer"}, notify=None)
    house.cms.set_fields(bruno["id"], {"callId": None}, notify=None)
    Event.objects.all().delete()

    row = imported(house, Lists.CONTACTS)
    imported(house, Lists.CONTACTS)

    assert sorted(Event.objects.values_list("type", flat=True)) == ["contact.changed", "contact.vanished"]
    assert Event.objects.get(type="contact.changed").payload["changed"] == ["name"]
    assert row.note == "6 read, 1 new or changed. 1 gone."
    assert Contact.objects.get(call_id="call-bruno.keller").gone_at is not None

    house.cms.set_fields(bruno["id"], {"callId": "call-bruno.keller"}, notify=None)
    imported(house, Lists.CONTACTS)

    assert Contact.objects.get(call_id="call-bruno.keller").gone_at is None
    assert Event.objects.filter(type="contact.changed").count() == 2


def test_what_vanished_is_marked_and_comes_back(house: House) -> None:
    imported(house, Lists.CATALOGS)
    doc = house.cms.state.nodes.all("ScenarioCatalog")[0]
    remove(house, doc)

    imported(house, Lists.CATALOGS)
    gone = ScenarioCatalog.objects.get(external_asset_id="PUMP-77")
    assert gone.gone_at is not None
    assert gone.scenarios.count() == 2

    house.cms.state.nodes.put(doc)
    imported(house, Lists.CATALOGS)
    assert ScenarioCatalog.objects.get(pk=gone.pk).gone_at is None


def test_a_great_loss_is_marked_only_when_a_person_accepts_it(house: House) -> None:
    now = clock.now() - timedelta(days=1)
    Contact.objects.bulk_create(
        Contact(
            connection=house.connection,
            key=f"k{n}",
            resource_id=f"k{n}",
            call_id=f"c{n}",
            name="N",
            source="CMS",
            seen_at=now,
        )
        for n in range(12)
    )

    row = imported(house, Lists.CONTACTS)
    assert "12 of 18 are missing at once" in row.note
    assert not Contact.objects.filter(gone_at__isnull=False).exists()

    row = imported(house, Lists.CONTACTS, accept_loss=True)
    assert (Contact.objects.filter(gone_at__isnull=False).count(), row.accept_loss) == (12, False)


@pytest.mark.parametrize(
    ("removed", "lists", "note"),
    [
        (
            "Organization.scenarioCatalogs",
            Lists.CATALOGS,
            "4 read, 4 new or changed. Not available in this CMS: ScenarioCatalog.",
        ),
        ("User.callId", Lists.CONTACTS, "Not available in this CMS: User."),
    ],
)
def test_what_the_schema_does_not_have_is_not_available_and_no_error(
    house: House, removed: str, lists: Lists, note: str
) -> None:
    house.cms.set_settings(removed_fields=(removed,))

    row = imported(house, lists)

    assert row.note.startswith(note)
    assert row.state in (WorkState.DONE, WorkState.SKIPPED)
    assert not Contact.objects.exists()
    assert not ScenarioCatalog.objects.exists()
    assert any(removed.rpartition(".")[2] in each for each in house.now().probe["missing"])


def test_catalogs_without_asset_ids_or_scenarios_come_all_the_same(house: House) -> None:
    gone = ("ScenarioCatalog.externalAssetId", "ScenarioCatalog.scenarios", "Organization.scenarios")
    house.cms.set_settings(removed_fields=gone)

    row = imported(house, Lists.CATALOGS)

    assert [each.external_asset_id for each in catalogs()] == ["", "", ""]
    assert row.state == WorkState.DONE


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(house: House) -> None:
    house.connection.settings |= {"page_size": 2}
    house.connection.save()
    house.cms.fault("status", operation="PortalUserListing", after=1, times=1, status=500)
    row = imported(house, Lists.CONTACTS)
    assert (row.state, row.seen) == (WorkState.DUE, 2)

    CmsImport.objects.update(due_at=clock.now())
    drain(CmsImport, running.run)

    assert CmsImport.objects.get().seen == 6
    assert house.cms.fetches("PortalUserListing") == 4  # one of them failed


def test_a_contact_that_a_person_entered_becomes_the_cmss_and_keeps_its_key(house: House) -> None:
    entered = Contact.objects.create(connection=house.connection, call_id="call-ada.fischer", name="A.", group="Basel")

    imported(house, Lists.CONTACTS)

    ada = Contact.objects.get(call_id="call-ada.fischer")
    assert (ada.pk, ada.key, ada.source, ada.group) == (entered.pk, "call-ada.fischer", Source.CMS, "Basel")


def test_the_schedule_wants_every_list_and_a_refused_token_says_so(house: House) -> None:
    house.connection.credentials = {"token": "wrong"}
    house.connection.save()
    job = ScheduledJob.objects.create(name="worklink.listings")
    claim = ScheduledJob.objects.claim(job.pk, now=clock.now() + timedelta(seconds=1))
    assert claim is not None

    said = running.want_all(claim)
    drain(CmsImport, running.run)

    assert said == "2 lists are read."
    assert {row.state for row in CmsImport.objects.all()} == {WorkState.FAILED}
    assert "401" in CmsImport.objects.all()[0].note
    assert not Contact.objects.exists()
