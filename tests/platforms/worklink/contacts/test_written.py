"""From a user of the CMS to the contact list of the system of record, by a mapping alone, once."""

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.core import clock
from integrations.core.drain import drain
from integrations.core.platforms import context_kind
from integrations.platforms.worklink.listings import running
from integrations.platforms.worklink.models import CmsImport, Contact, Lists
from integrations.sync import plans
from integrations.sync.models import FieldMapping, KeyPlace, Operation, OperationKind, RecordWrite, Verdict
from tests.platforms.worklink import erp
from tests.platforms.worklink.house import House
from tests.simulators.record.control import RecordControl
from tests.simulators.running import RunningRecord

FIELDS = {
    "contact.name": "name",
    "contact.email": "email",
    "contact.call_id": "call_id",
    "contact.link": "link",
    "contact.gone": "inactive",
}


@pytest.fixture
def record(record: RunningRecord, house: House) -> Iterator[RecordControl]:
    """A system of record whose contact list is kept by a mapping."""
    house.cms.listen()
    erp.connect(house.erp, record.url)
    operation = Operation(
        connection=house.erp,
        name="keep the contact",
        kind=OperationKind.CREATE,
        source_type="worklink.contact",
        event_types=["contact.changed", "contact.vanished"],
        method="PUT",
        path="/api/contacts/{contact.key}",
        key_place=KeyPlace.HEADER,
    )
    operation.full_clean()
    operation.save()
    for source, target in FIELDS.items():
        mapping = FieldMapping(operation=operation, source=source, target=target)
        mapping.full_clean()
        mapping.save()
    yield record.control
    plans.forget()


def imported(house: House) -> None:
    row, _ = CmsImport.objects.get_or_create(connection=house.connection, lists=Lists.CONTACTS)
    running.want(row)
    drain(CmsImport, running.run)
    house.work()


def test_contacts_of_the_cms_are_in_the_contact_list_once(house: House, record: RecordControl) -> None:
    imported(house)
    imported(house)

    listed = {row["call_id"]: row for row in record.contacts()}
    assert len(listed) == 6
    assert listed["call-ada.fischer"]["name"] == "Ada Fischer"
    assert "fetch_user%26user%3Dcall-ada.fischer" in listed["call-ada.fischer"]["link"]
    assert len(record.effects()) == 6
    assert {write.verdict for write in RecordWrite.objects.all()} <= {Verdict.UNVERIFIED, Verdict.CONFIRMED}


def test_a_change_is_written_once_and_one_who_vanished_is_marked(house: House, record: RecordControl) -> None:
    imported(house)
    ada, bruno = house.cms.state.nodes.all("User")[:2]
    house.cms.set_fields(ada["id"], {"email": "ada@new.example"}, notify=None)
    house.cms.set_fields(bruno["id"], {"callId": None}, notify=None)

    imported(house)
    imported(house)

    listed = {row["id"]: row for row in record.contacts()}
    assert listed[ada["id"]]["email"] == "ada@new.example"
    assert (listed[bruno["id"]]["inactive"], listed[ada["id"]]["inactive"]) == (True, False)
    assert len(record.effects()) == 8
    assert len(record.effects(what="contact.create")) == 6


def test_a_contact_offers_its_fields_to_mappings_and_scripts(house: House) -> None:
    contact = Contact.objects.create(connection=house.connection, call_id="c1", name="Ada", gone_at=clock.now())
    kind = context_kind("worklink.contact")

    loaded: Any = kind.load(str(contact.pk))

    offered = {field.path.partition(".")[2] for field in kind.fields if field.path.startswith("contact.")}
    assert offered == set(loaded["contact"])
    assert loaded["contact"]["gone"] is True
    assert kind.script is not None
    assert kind.script(str(contact.pk)).objects["contact"]["call_id"] == "c1"
