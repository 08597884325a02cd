"""What keeps a write from being sent, each with its sentence; and the outcomes of a look-up."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.events import sequencer
from integrations.events import services as events
from integrations.sync import services
from integrations.sync.models import Operation, OperationKind, RecordLane, RecordWrite
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House, map_field
from tests.sync.test_faults import effects


def test_a_record_that_does_not_exist_yet_is_waited_for(house: House, record: RunningRecord) -> None:
    house.update()

    house.tell(record="WO-new")
    house.work()
    assert house.last().state == "WAITING"
    assert "There is no record WO-new yet" in house.last().note
    assert house.last().sends == 0
    record.control.add_order("WO-new")
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")


def test_after_a_day_without_a_record_the_write_fails_with_a_reason(house: House, record: RunningRecord) -> None:
    house.update()

    house.tell(record="WO-never")
    house.work_until_done(hours=25)

    assert house.last().state == "FAILED"
    assert "24 hours" in house.last().note
    assert record.control.effects() == []


def test_a_waiting_write_looks_again_when_the_system_tells_of_the_record(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell(record="WO-new")
    for _ in range(4):
        house.work()
        house.time.pass_by(120)
    house.work()
    record.control.add_order("WO-new")

    events.publish(
        workspace_id=house.connection.workspace.pk,
        type="workorder.created",
        occurred_at=house.time.now(),
        payload={"records": {str(house.connection.pk): "WO-new"}},
        source_type="workorder",
        source_id="1",
    )
    sequencer.sequence_all()
    house.work()

    assert house.last().verdict == "CONFIRMED"


def test_a_new_fact_does_not_wait_behind_a_look_up_of_another_mapping(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell(record="WO-new")
    house.work()
    house.operation(
        OperationKind.CREATE,
        lookup=None,
        method="POST",
        path="/api/orders",
        body={"number": "{external_id}"},
        readback_path="/api/orders/{external_id}",
        readback_expect="body",
    )

    house.tell(record="WO-new")
    house.work()

    assert record.control.order("WO-new")
    assert house.last().verdict == "CONFIRMED"


def test_several_records_are_an_operators_choice_and_never_the_first(house: House, record: RunningRecord) -> None:
    house.update()
    twin = record.control.add_order(NUMBER, site="B")
    house.tell()
    house.work()
    write = house.last()
    assert write.state == "UNSURE"
    assert write.candidates is not None
    assert len(write.candidates) == 2
    assert effects(record) == []

    count = services.choose_record(write, twin["id"], by="olga", now=house.time.now())
    house.work()

    assert count == 1
    assert (house.last().state, house.last().verdict, house.last().decided_by) == ("DONE", "CONFIRMED", "olga")
    rows = record.control.state.orders.with_number(NUMBER)
    assert [row["status"] for row in rows] == ["open", "in_progress"]
    house.facts.visits["v1"]["minutes"] = 13
    house.tell()
    house.work()
    assert house.last().verdict == "CONFIRMED", "the choice is remembered"


def test_a_record_that_was_not_found_cannot_be_chosen(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.add_order(NUMBER)
    house.tell()
    house.work()

    with pytest.raises(ValueError, match="not one of the records"):
        services.choose_record(house.last(), "rec-999999", by="olga", now=house.time.now())

    assert house.last().state == "UNSURE"
    assert RecordLane.objects.get().choices == {}


def test_a_closed_record_is_left_alone(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.close_order(NUMBER)

    house.tell()
    house.work()

    assert house.last().state == "SKIPPED"
    assert "closed" in house.last().note
    assert effects(record) == []


def test_what_is_older_than_write_from_is_history_until_it_is_replayed(house: House, record: RunningRecord) -> None:
    house.update()
    old = house.connection.write_from - timedelta(days=3)

    house.tell(occurred_at=old)
    house.work()
    assert house.last().state == "SKIPPED"
    assert "replay it" in house.last().note
    assert effects(record) == []
    house.tell(occurred_at=old, reason="replay")
    house.work()

    assert house.last().verdict == "CONFIRMED"


def test_a_condition_that_is_not_met_is_said(house: House, record: RunningRecord) -> None:
    house.update(condition="visit.state == 'done'")

    house.tell()
    house.work()
    assert house.last().state == "SKIPPED"
    assert "visit.state == 'done'" in house.last().note
    assert effects(record) == []
    house.facts.visits["v1"]["state"] = "done"
    house.tell()
    house.work()

    assert house.last().verdict == "CONFIRMED"


def test_a_condition_on_the_record_is_judged_after_the_look_up(house: House, record: RunningRecord) -> None:
    house.update(condition="record.status == 'open'")

    house.tell()
    house.work()
    house.facts.visits["v1"]["minutes"] = 20
    house.tell()
    house.work()

    assert [write.state for write in house.writes()] == ["DONE", "SKIPPED"]
    assert len(effects(record)) == 1


def test_a_paused_connection_holds_its_writes_without_counting(house: House, record: RunningRecord) -> None:
    house.update()
    Connection.objects.update(paused=True)

    house.tell()
    house.work()
    assert (house.last().state, house.last().attempts) == ("WAITING", 0)
    assert "paused" in RecordLane.objects.get().note
    assert effects(record) == []
    Connection.objects.update(paused=False)
    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"


def test_a_system_that_is_left_alone_holds_its_writes_without_counting(house: House, record: RunningRecord) -> None:
    house.update()
    Connection.objects.update(failures=5, failing_since=clock.now(), next_try_at=clock.now() + timedelta(minutes=5))

    house.tell()
    house.work()
    assert (house.last().state, house.last().attempts, house.last().sends) == ("WAITING", 0, 0)
    assert house.last().first_tried_at is None
    assert "is failing since" in RecordLane.objects.get().note
    assert effects(record) == []
    Connection.objects.update(next_try_at=clock.now())
    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"
    assert Connection.objects.get().failures == 0


@pytest.mark.parametrize("by", ["connection", "installation"])
def test_in_capture_mode_a_write_is_recorded_and_not_sent(
    house: House, record: RunningRecord, settings: Settings, by: str
) -> None:
    house.update(headers={"X-Api-Key": "very-secret"})
    if by == "connection":
        Connection.objects.update(capture=True)
    else:
        settings.OUTBOUND = "capture"

    house.tell()
    house.work()

    write = house.last()
    assert (write.state, write.verdict) == ("DONE", "CAPTURED")
    assert write.request is not None
    assert write.request["body"] == {"status": "in_progress", "u_minutes": 12}
    assert "very-secret" not in str(write.request)
    assert effects(record) == []
    Connection.objects.update(capture=False)
    settings.OUTBOUND = "live"
    assert services.retry(RecordWrite.objects.all(), by="olga", now=house.time.now()) == 1
    house.work()
    assert house.last().verdict == "CONFIRMED"
    assert len(effects(record)) == 1


def test_with_outbound_off_writes_wait(house: House, record: RunningRecord, settings: Settings) -> None:
    house.update()
    settings.OUTBOUND = "off"

    house.tell()
    house.work()
    assert house.last().state == "WAITING"
    assert effects(record) == []
    settings.OUTBOUND = "live"
    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"


def test_a_source_that_is_gone_fails_with_a_reason(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()
    house.facts.visits.clear()

    house.work()

    assert house.last().state == "FAILED"
    assert "not there any more" in house.last().note
    assert effects(record) == []


def test_an_empty_value_never_changes_the_path(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.UPDATE, path="/api/orders/{visit.extra.none}", body={"status": "done"})

    house.tell()
    house.work()

    assert house.last().state == "FAILED"
    assert "which is empty here" in house.last().note
    assert effects(record) == []


def test_a_value_that_cannot_be_made_is_named(house: House, record: RunningRecord) -> None:
    operation = house.update()
    map_field(operation, "visit.state", "u_count", type="INTEGER")

    house.tell()
    house.work()

    assert house.last().state == "FAILED"
    assert "visit.state → u_count: “in_progress” is not a whole number" in house.last().note
    assert effects(record) == []


def test_a_mapping_switched_off_meanwhile_writes_nothing(house: House, record: RunningRecord) -> None:
    operation = house.update()
    house.tell()
    operation.enabled = False
    operation.save()

    house.work()

    assert house.last().state == "SKIPPED"
    assert effects(record) == []


def test_a_changed_mapping_is_used_at_once(house: House, record: RunningRecord) -> None:
    operation = house.update()
    house.tell()
    house.work()
    map_field(operation, "visit.id", "u_visit")

    house.tell()
    house.work()

    assert record.control.order(NUMBER)["u_visit"] == "v1"


def test_facts_of_another_type_or_without_a_record_make_no_write(house: House, record: RunningRecord) -> None:
    house.update(event_types=["visit.joined"])

    house.tell(type="visit.updated")
    house.tell(type="visit.joined", record="")

    assert house.writes() == []
    assert not RecordLane.objects.exists()


@pytest.mark.parametrize("event_types", ["visit.updated", {"a": 1}, [["visit.updated"]]])
def test_a_mapping_with_nonsense_for_events_does_not_stop_the_others(
    house: House, record: RunningRecord, event_types: object
) -> None:
    house.update(name="nonsense", event_types=[])
    good = house.update(name="good")
    Operation.objects.filter(name="nonsense").update(event_types=event_types)

    house.tell()
    house.tell(record="x" * 300)
    house.work()

    assert [(write.operation_id, write.verdict) for write in house.writes()] == [(good.pk, "CONFIRMED")]
