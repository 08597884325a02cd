"""The ready configuration for ServiceNow against a double of an instance, over real HTTP."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Health
from integrations.connections.services import check
from integrations.core import clock
from integrations.core.drain import drain
from integrations.platforms.generic import jobs
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.sync import services as sync
from integrations.workorders.models import WorkOrder
from tests.simulators.faults import Fault, Kind
from tests.simulators.record.auth import CLIENT
from tests.simulators.servicenow.app import build_app
from tests.simulators.servicenow.instance import Instance, Refused
from tests.simulators.servicenow.queries import Row
from tests.simulators.serving import Served
from tests.systems.conftest import MakeLine
from tests.systems.line import Line
from tests.systems.ready import apply_ready

pytestmark = pytest.mark.django_db

NUMBER = "WO0010001"
UPDATE, NOTE = "Session on the work order", "Answers as a work note"
PHOTO, CHILD = "Photo as an attachment", "Session as a record of its own"


@pytest.fixture
def instance(settings: Settings) -> Iterator[Instance]:
    made = Instance()
    made.add("wm_order", number=NUMBER, active="true", state="18")
    with Served([(build_app(made), 0)]) as served:
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(served.urls[0]).netloc]
        made.url = served.urls[0]
        yield made


@pytest.fixture
def line(instance: Instance, make_line: MakeLine) -> Line:
    secrets = {"FIELDPORT_SERVICENOW_CLIENT_SECRET": CLIENT[1]}
    return make_line(
        apply_ready("servicenow", instance.url, secrets=secrets, credentials={"client_id": CLIENT[0]}), NUMBER
    )


def order(instance: Instance) -> Row:
    return next(row for row in instance.tables["wm_order"].values() if row["number"] == NUMBER)


def test_a_session_with_answers_and_a_photo_is_written_once_and_read_back(line: Line, instance: Instance) -> None:
    line.run_session(photo=True, answer=True)

    line.work_until_done()

    assert line.verdicts() == dict.fromkeys((UPDATE, NOTE, PHOTO, CHILD), "CONFIRMED")
    assert sorted(instance.effects) == [
        "sys_attachment.insert",
        "u_fieldport_session.insert",
        "wm_order.update",
        "wm_order.update",
    ]
    assert order(instance)["u_fieldport_outcome"] == "completed"
    assert [row["u_work_order"] for row in instance.tables["u_fieldport_session"].values()] == [
        order(instance)["sys_id"]
    ]
    assert len(instance.tables["sys_journal_field"]) == 1


def test_the_configuration_can_be_tried_from_the_connection(line: Line) -> None:
    assert "answered 200" in check(line.connection)
    assert line.connection.health == Health.OK
    assert WorkOrderFeed.objects.get().polls


def test_a_token_that_ends_in_the_middle_is_renewed_and_nothing_is_written_twice(
    line: Line, instance: Instance
) -> None:
    line.run_session()
    line.work_until_done()
    instance.credentials.expire_tokens()

    line.run_session(photo=True)
    line.work_until_done()

    assert instance.credentials.tokens_issued == 2
    assert instance.effects.count("sys_attachment.insert") == 1
    assert line.connection.health == Health.OK


def test_a_field_that_is_ignored_is_found_by_reading_back(line: Line, instance: Instance) -> None:
    instance.read_only = {"u_fieldport_technician"}

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "DRIFTED", CHILD: "CONFIRMED"}
    assert "u_fieldport_technician is empty instead of" in line.note(UPDATE)


def test_a_data_policy_that_asks_for_a_field_fails_the_write_with_its_words(line: Line, instance: Instance) -> None:
    def close_notes_needed(table: str, row: Row, values: Row) -> None:
        if table == "wm_order":
            raise Refused("Data Policy Exception: The following fields are mandatory: Close notes")

    instance.rule = close_notes_needed
    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "FAILED", CHILD: "CONFIRMED"}
    assert "mandatory: Close notes" in line.write(UPDATE).answer
    assert instance.effects == ["u_fieldport_session.insert"]


def test_a_business_rule_that_aborts_fails_the_write_with_its_words(line: Line, instance: Instance) -> None:
    def abort(table: str, row: Row, values: Row) -> None:
        raise Refused(f"Operation against file '{table}' was aborted by Business Rule 'Only dispatchers^0a1b'")

    instance.rule = abort
    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "FAILED", CHILD: "FAILED"}
    assert "Only dispatchers" in line.write(UPDATE).answer
    assert instance.effects == []


def test_a_rate_limit_is_waited_out_as_the_answer_asks(line: Line, instance: Instance) -> None:
    instance.faults.add(Fault("status", method="PATCH", status=429, retry_after="1", times=1))

    line.run_session()
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}
    assert instance.effects.count("wm_order.update") == 1


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_whatever_breaks_while_it_is_sent_is_there_once(line: Line, instance: Instance, kind: Kind) -> None:
    for method, path in (("PATCH", "*wm_order*"), ("POST", "*attachment*"), ("POST", "*u_fieldport*")):
        instance.faults.add(Fault(kind, method=method, path=path, times=1))

    line.run_session(photo=True, answer=True)
    line.work_until_done()

    assert set(line.verdicts().values()) == {"CONFIRMED"}
    assert sorted(instance.effects) == [
        "sys_attachment.insert",
        "u_fieldport_session.insert",
        "wm_order.update",
        "wm_order.update",
    ]


def test_several_orders_of_the_number_wait_for_an_operator(line: Line, instance: Instance) -> None:
    second = instance.add("wm_order", number=NUMBER, active="true")
    line.run_session()
    line.work_until_done()
    assert line.verdicts() == {UPDATE: "UNSURE", CHILD: "UNSURE"}
    assert instance.effects == []

    sync.choose_record(line.write(UPDATE), second["sys_id"], by="Ada", now=clock.now())
    line.work_until_done()

    assert line.verdicts() == {UPDATE: "CONFIRMED", CHILD: "CONFIRMED"}
    assert second["u_fieldport_outcome"] == "completed"
    assert "u_fieldport_outcome" not in order(instance)


def test_a_caret_in_a_number_adds_no_condition_to_the_query(line: Line, instance: Instance) -> None:
    line.number = f"X^ORnumber={NUMBER}"

    line.run_session()
    line.work()

    assert line.verdicts() == {UPDATE: "WAITING", CHILD: "WAITING"}
    assert instance.effects == []


def test_a_closed_work_order_is_left_alone(line: Line, instance: Instance) -> None:
    order(instance)["active"] = "false"

    line.run_session()
    line.work_until_done()

    assert set(line.verdicts().values()) == {"SKIPPED"}
    assert instance.effects == []


def test_work_orders_come_by_the_poll(line: Line, instance: Instance) -> None:
    instance.add(
        "wm_order", number="WO0010002", short_description="Replace seal", state="10", opened_at="2026-03-01 08:00:00"
    )

    drain(WorkOrderFeed, jobs.poll)

    assert WorkOrderFeed.objects.get().note.startswith("2 work orders: 2 new")
    found = WorkOrder.objects.get(title="Replace seal")
    assert (found.status, f"{found.opened_at:%d.%m. %H:%M}") == ("10", "01.03. 08:00")
