"""The ready configuration for Maximo against a double of an installation, over real HTTP."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection, Health
from integrations.connections.services import check
from integrations.core import clock
from integrations.core.drain import drain
from integrations.platforms.generic import jobs
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.sync import services as sync
from integrations.workorders.models import WorkOrder
from tests.simulators.faults import Fault, Kind
from tests.simulators.maximo.app import build_app
from tests.simulators.maximo.installation import API_KEY, Installation, Refused, Row
from tests.simulators.serving import Served
from tests.systems.conftest import MakeLine
from tests.systems.line import Line
from tests.systems.ready import apply_ready

pytestmark = pytest.mark.django_db

NUMBER = "1042"
UPDATE, NOTE, PHOTO = "Session on the work order", "Answers as a work log", "Photo as an attachment"
ONCE = ["doclinks.add", "worklog.add", "workorder.update"]
CHANGED = Refused("BMXAA8229W", "Record WORKORDER : WONUM=1042 has been updated by another user.")
CHANGED_IN_AN_OLDER_RELEASE = Refused("BMXAA4200E", "Record has been updated by another user.", status=500)


@pytest.fixture
def installation(settings: Settings) -> Iterator[Installation]:
    made = Installation()
    with Served([(build_app(made), 0)]) as served:
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(served.urls[0]).netloc]
        made.url = served.urls[0]
        made.add(NUMBER, status="INPRG")
        yield made


@pytest.fixture
def line(installation: Installation, make_line: MakeLine) -> Line:
    secrets = {"FIELDPORT_MAXIMO_API_KEY": API_KEY}
    return make_line(apply_ready("maximo", installation.url, secrets=secrets), NUMBER)


def order(installation: Installation) -> Row:
    return next(iter(installation.orders.values()))


def test_a_session_with_answers_and_a_photo_is_written_once_and_read_back(
    line: Line, installation: Installation
) -> None:
    somebodys = {"worklogid": 1, "description": "Called the customer"}
    next(iter(installation.worklogs.values())).append(somebodys)

    line.run_session(photo=True, answer=True)
    line.work_until_done()

    assert line.verdicts() == dict.fromkeys((UPDATE, NOTE, PHOTO), "CONFIRMED")
    assert sorted(installation.effects) == ONCE
    assert order(installation)["fpoutcome"] == "completed"
    logs = next(iter(installation.worklogs.values()))
    assert logs[0] == somebodys
    assert "by Ada Fischer" in logs[1]["description_longdescription"]


def test_the_configuration_can_be_tried_from_the_connection(line: Line) -> None:
    assert "answered 200" in check(line.connection)
    assert line.connection.health == Health.OK


def test_a_key_that_was_revoked_lets_the_writes_wait_for_another_one(line: Line, installation: Installation) -> None:
    installation.api_key = "another-key"
    line.run_session()
    line.work()
    assert set(line.verdicts().values()) == {"WAITING"}
    assert line.connection.health == Health.AUTH_FAILED

    line.house.erp.credentials = {"header": "apikey", "value": "another-key"}
    Connection.objects.filter(pk=line.house.erp.pk).update(credentials=line.house.erp.credentials)
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED"}
    assert installation.effects == ["workorder.update"]


@pytest.mark.parametrize("busy", [CHANGED, CHANGED_IN_AN_OLDER_RELEASE], ids=["400", "500"])
def test_a_record_that_another_user_has_just_changed_is_written_again(
    line: Line, installation: Installation, busy: Refused
) -> None:
    installation.refusals = [busy] * 4

    line.run_session(photo=True, answer=True)
    line.work_until_done()

    assert set(line.verdicts().values()) == {"CONFIRMED"}
    assert sorted(installation.effects) == ONCE


def test_a_missing_mandatory_field_fails_the_write_with_its_name(line: Line, installation: Installation) -> None:
    installation.required = ("assetnum",)

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "FAILED"}
    assert "A value is required for the ASSETNUM field" in line.write(UPDATE).answer
    assert installation.effects == []


def test_an_attribute_that_is_not_taken_is_found_by_reading_back(line: Line, installation: Installation) -> None:
    installation.ignored = {"fptechnician"}

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "DRIFTED"}
    assert "fptechnician is empty instead of" in line.note(UPDATE)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_whatever_breaks_while_it_is_sent_is_there_once(line: Line, installation: Installation, kind: Kind) -> None:
    installation.faults.add(Fault(kind, method="POST", path="*doclinks", times=1))
    installation.faults.add(Fault(kind, method="POST", path="*mxapiwodetail/_*", times=2))

    line.run_session(photo=True, answer=True)
    line.work_until_done()

    assert set(line.verdicts().values()) == {"CONFIRMED"}
    assert sorted(installation.effects) == ONCE


def test_the_same_number_in_two_sites_waits_for_an_operator(line: Line, installation: Installation) -> None:
    second = installation.add(NUMBER, siteid="NASHUA", status="INPRG")
    line.run_session()
    line.work_until_done()
    assert line.verdicts() == {UPDATE: "UNSURE"}
    assert [each["record"]["siteid"] for each in line.write(UPDATE).candidates or []] == ["BEDFORD", "NASHUA"]
    assert installation.effects == []

    sync.choose_record(line.write(UPDATE), str(second["workorderid"]), by="Ada", now=clock.now())
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED"}
    assert second["fpoutcome"] == "completed"
    assert "fpoutcome" not in order(installation)


@pytest.mark.parametrize("number", ['x" and siteid="BEDFORD', "10%"])
def test_a_number_cannot_widen_the_look_up(line: Line, installation: Installation, number: str) -> None:
    line.number = number

    line.run_session()
    line.work()

    assert "There is no record" in line.note(UPDATE)
    assert installation.effects == []


def test_a_closed_work_order_is_left_alone(line: Line, installation: Installation) -> None:
    order(installation)["historyflag"] = True

    line.run_session()
    line.work_until_done()

    assert set(line.verdicts().values()) == {"SKIPPED"}
    assert installation.effects == []


def test_work_orders_come_by_the_poll(line: Line, installation: Installation) -> None:
    installation.add("1043", description="Replace seal", reportdate="2026-03-01T08:00:00+01:00")

    drain(WorkOrderFeed, jobs.poll)

    assert WorkOrderFeed.objects.get().note.startswith("2 work orders: 2 new")
    assert f"{WorkOrder.objects.get(title='Replace seal').opened_at:%H:%M}" == "07:00"
