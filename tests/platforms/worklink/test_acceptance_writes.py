"""The acceptance cases of the vendor sheet, section 8, that end in the system of record."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhook
from integrations.platforms.worklink.models import Reconciliation, ScenarioSession
from integrations.sync import plans
from integrations.sync.models import RecordWrite
from integrations.workorders import services as workorders
from integrations.workorders.models import ExternalId, Join
from tests.platforms.worklink import erp
from tests.platforms.worklink.bodies import a1
from tests.platforms.worklink.house import House
from tests.simulators.record.control import RecordControl
from tests.simulators.running import RunningRecord

NUMBER = "WO-000981"
KEY = {"work_order_id": NUMBER}


@pytest.fixture
def record(record: RunningRecord, house: House) -> Iterator[RecordControl]:
    """The system of record with one order, and sessions and calls mapped to it."""
    record.control.add_order(NUMBER)
    erp.connect(house.erp, record.url)
    erp.update(house.erp, "worklink.session", erp.SESSION_FIELDS, event_types=["session.joined", "session.updated"])
    erp.update(house.erp, "worklink.call", erp.CALL_FIELDS, event_types=["call.joined", "call.updated"])
    yield record.control
    plans.forget()


def updates(record: RecordControl) -> int:
    """How many updates were really carried out."""
    return len(record.effects())


def test_a15_the_same_delivery_five_times_is_written_once(house: House, record: RecordControl) -> None:
    house.cms.listen()
    session = house.run_session()
    for _ in range(5):
        assert house.post(a1(session), **{"X-Scope-Webhook-Id": "the same each time"}).status_code == 200
        house.work()
        house.pass_time(seconds=6)
    house.work()

    assert updates(record) == 1
    assert ReceivedWebhook.objects.filter(state=WorkState.DONE).count() == 5


def test_a17_forty_updates_with_unchanged_content_are_written_once(house: House, record: RecordControl) -> None:
    session = house.run_session()
    house.work()
    for _ in range(40):
        house.cms.notify(session)
    house.work()
    house.pass_time(seconds=6)
    house.work()

    assert house.reads() <= 2
    assert updates(record) == 1


def test_a18_a_finished_session_is_shown_on_its_order(house: House, record: RecordControl) -> None:
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session, count=5)
    house.cms.advance_clock(25 * 60)
    house.cms.finish_session(session)

    house.work()

    order = record.order(NUMBER)
    assert (order["status"], order["u_steps"], order["u_minutes"]) == ("completed", 5, 25)
    assert order["u_session"] == session
    assert RecordWrite.objects.get().verdict == "CONFIRMED"


def test_a19_an_operator_links_a_session_without_key_and_it_is_written_once(
    house: House, record: RecordControl
) -> None:
    session = house.run_session({"lnk": "x"})
    house.work()
    waiting = Join.objects.unmatched().get()
    assert "work_order_id" in waiting.reason
    assert "Unmatched" in house.refreshed().note
    assert updates(record) == 0

    put = workorders.put_work_order(system=house.erp, external_id=NUMBER, values={}, now=timezone.now())
    workorders.assign(waiting, put.work_order, by="ada", now=timezone.now())
    house.work()
    house.cms.notify(session)
    house.pass_time(seconds=6)
    house.work()

    assert record.order(NUMBER)["u_session"] == session
    assert updates(record) == 1
    assert house.session().subject == put.work_order.subject
    assert set(ReceivedWebhook.objects.values_list("subject", flat=True)) == {put.work_order.subject}


def test_a20_a_resumed_session_is_one_record_with_both_users(house: House, record: RecordControl) -> None:
    session = house.cms.start_session(KEY, session_type="PERSISTENT", user="Ada Fischer")
    house.cms.view_steps(session, count=2)
    house.cms.exit_session(session)
    house.work()
    assert house.session().outcome == "open"
    assert record.order(NUMBER)["status"] == "open"

    house.cms.resume_session(session, user="Bruno Keller")
    house.cms.view_steps(session, count=3)
    house.cms.finish_session(session)
    house.pass_time(seconds=6)
    house.work()

    order = record.order(NUMBER)
    assert (order["status"], order["u_users"]) == ("completed", "Ada Fischer, Bruno Keller")
    assert ScenarioSession.objects.count() == 1
    assert updates(record) == 2  # once while it was open, once when it was final


def test_a21_a_session_left_early_is_written_as_incomplete(house: House, record: RecordControl) -> None:
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session, count=3)
    house.cms.set_fields(session, {"numberOfStepsPossible": 10}, notify=None)
    house.cms.exit_session(session)

    house.work()

    assert (record.order(NUMBER)["status"], record.order(NUMBER)["u_percent"]) == ("incomplete", 30)


def test_a22_a_demo_session_writes_nothing(house: House, record: RecordControl) -> None:
    house.run_session(session_type="DEMO")

    house.work()

    assert updates(record) == 0
    assert not RecordWrite.objects.exists()


def test_a23_what_no_webhook_told_is_found_and_written_once(house: House, record: RecordControl) -> None:
    house.cms.set_webhooks(drop_percent=100)
    numbers = [f"WO-{number}" for number in range(3)]
    for number in numbers:
        record.add_order(number)
    sessions = [house.run_session({"work_order_id": number}) for number in numbers]
    house.run_session({})
    house.work()
    assert updates(record) == 0

    for _ in range(2):
        house.reconcile()
        house.work()
        house.pass_time(minutes=15)

    assert [record.order(number)["u_session"] for number in numbers] == sessions
    assert updates(record) == 3
    first, second = Reconciliation.objects.filter(resource_type="ScenarioSession").order_by("id")
    assert (first.seen, first.untold, first.told) == (4, 4, 0)
    assert (second.seen, second.untold, second.told) == (4, 0, 4)
    assert Join.objects.unmatched().count() == 1


def test_a31_a_call_is_shown_with_its_minutes_and_people(house: House, record: RecordControl) -> None:
    call = house.cms.start_call({"service_request_id": NUMBER})
    house.cms.connect_call(call)
    house.cms.advance_clock(12 * 60)
    house.cms.end_call(call)

    house.work()

    order = record.order(NUMBER)
    assert (order["u_call_minutes"], order["u_call"]) == (12, call)
    assert order["u_call_people"] == "Ada Fischer, Dmitri Orlov"
    assert ExternalId.objects.get().external_id == NUMBER


def test_a34_a_system_of_record_that_is_down_gets_the_session_once_when_it_is_back(
    house: House, record: RecordControl
) -> None:
    record.fault("status", status=503)
    house.run_session()
    for _ in range(5):
        house.work()
        house.pass_time(minutes=10)
    assert updates(record) == 0
    write = RecordWrite.objects.get()
    assert write.attempts >= 2

    record.clear_faults()
    house.pass_time(hours=2)
    house.work()

    assert updates(record) == 1
    assert RecordWrite.objects.get().verdict == "CONFIRMED"
