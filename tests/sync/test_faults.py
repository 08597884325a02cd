"""A system of record that fails in every way: the effect is there once, and the row tells what happened."""

import time
from typing import Any

import pytest

from integrations.sync.models import OperationKind, RecordLane
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House

EVERY_KIND = [OperationKind.UPDATE, OperationKind.NOTE, OperationKind.ATTACH, OperationKind.CREATE]


def make(house: House, kind: str) -> None:
    if kind == OperationKind.UPDATE:
        house.update()
    else:
        house.operation(kind)


def effects(record: RunningRecord) -> list[str]:
    return [effect["what"] for effect in record.control.effects(NUMBER)]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_each_kind_is_written_once_and_confirmed(house: House, record: RunningRecord, kind: str) -> None:
    make(house, kind)

    house.tell()
    house.work()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert len(effects(record)) == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "status_500"])
def test_an_unsure_send_is_settled_by_reading_back(house: House, record: RunningRecord, kind: str, fault: str) -> None:
    make(house, kind)
    values: dict[str, Any] = {"status": 500} if fault == "status_500" else {}
    record.control.fault(fault.partition("_500")[0], method="P*", times=1, **values)

    house.tell()
    house.work()
    assert (house.last().state, house.last().sends) == ("SENT", 1)
    house.time.pass_by(30)
    house.work()
    assert house.last().sends == 1, "it is not sent again before the settle time"
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert house.last().sends == (1 if fault == "drop_after" else 2)
    assert len(effects(record)) == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_system_is_tried_again(house: House, record: RunningRecord, kind: str, status: int) -> None:
    make(house, kind)
    record.control.fault("status", method="P*", status=status, retry_after="1", times=2)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().attempts) == ("DONE", "CONFIRMED", 3)
    assert len(effects(record)) == 1


def test_a34_a_system_that_is_down_for_ten_minutes_gets_one_write(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.fault("status", status=503)
    started = house.time.now()

    house.tell()
    while (house.time.now() - started).total_seconds() < 600:
        house.work()
        house.time.pass_by(20)
    assert house.last().state == "WAITING"
    assert "503" in house.last().note
    assert effects(record) == []
    record.control.clear_faults()
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert house.last().attempts > 3
    assert effects(record) == ["order.update"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_answer_without_an_effect_is_noticed_and_sent_again(house: House, record: RunningRecord, kind: str) -> None:
    make(house, kind)
    record.control.fault("no_change", method="P*", times=2)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().sends) == ("DONE", "CONFIRMED", 3)
    assert len(effects(record)) == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_system_that_lies_three_times_leaves_a_drifted_write(house: House, record: RunningRecord, kind: str) -> None:
    make(house, kind)
    record.control.fault("no_change", method="P*")

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().sends) == ("DONE", "DRIFTED", 3)
    assert "Sent 3 times" in house.last().note
    assert effects(record) == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_success_with_a_list_of_errors_is_a_failure_that_says_so(
    house: House, record: RunningRecord, kind: str
) -> None:
    make(house, kind)
    record.control.fault("error_list", method="P*", times=1)

    house.tell()
    house.work_until_done()

    write = house.last()
    assert (write.state, write.answer_status, write.sends) == ("FAILED", 200, 1)
    assert "no success" in write.note
    assert "Simulated fault" in write.answer
    assert effects(record) == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_is_applied_after_our_timeout_is_found_and_not_sent_again(
    house: House, record: RunningRecord, kind: str
) -> None:
    make(house, kind)
    record.control.fault("late", method="P*", delay=0.3, times=1)

    house.tell()
    house.work()
    assert house.last().state == "SENT"
    assert effects(record) == []
    wait_for_effect(record)
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().sends) == ("DONE", "CONFIRMED", 1)
    assert len(effects(record)) == 1


def wait_for_effect(record: RunningRecord) -> None:
    ends = time.monotonic() + 5
    while not effects(record) and time.monotonic() < ends:
        time.sleep(0.02)


def test_a_slow_read_back_does_not_send_again(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.fault("drop_before", method="GET", path="/api/orders/rec*", times=3)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().sends) == ("DONE", "CONFIRMED", 1)
    assert effects(record) == ["order.update"]


def test_a_refused_field_fails_the_write_and_lets_the_next_pass(house: House, record: RunningRecord) -> None:
    bad = house.operation(OperationKind.UPDATE, name="bad", body={"colour": "red"})
    house.update(name="good")

    house.tell()
    house.work()

    first, second = house.writes()
    assert (first.operation_id, first.state) == (bad.pk, "FAILED")
    assert "422" in first.note
    assert "colour" in first.answer
    assert (second.state, second.verdict) == ("DONE", "CONFIRMED")
    assert effects(record) == ["order.update"]


def test_refused_credentials_hold_the_lane_until_they_are_mended(house: House, record: RunningRecord) -> None:
    house.update()
    good = house.connection.credentials
    house.connection.credentials = {"token": "wrong"}
    house.connection.save()

    house.tell()
    house.work()
    house.time.pass_by(100 * 3600)
    house.work()
    assert house.last().state == "WAITING"
    house.connection.credentials = good
    house.connection.save()
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")


def test_after_three_days_a_write_gives_up_and_the_lane_goes_on(house: House, record: RunningRecord) -> None:
    house.update()
    record.control.fault("status", method="PATCH", status=503)
    house.tell()
    house.work()
    house.time.pass_by(73 * 3600)
    house.work()
    record.control.clear_faults()

    house.tell()
    house.work()

    first, second = house.writes()
    assert first.state == "FAILED"
    assert "72 hours" in first.note
    assert (second.state, second.verdict) == ("DONE", "CONFIRMED")
    assert RecordLane.objects.get().state == "DONE"
