"""Refusals that pass by themselves: the mapping's condition says which, and they are tried again."""

import pytest

from integrations.connections.models import Health
from integrations.sync import services
from integrations.sync.models import Operation, OperationKind
from integrations.sync.rendering import headers_of
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.test_faults import EVERY_KIND, effects, make

LOCKED = "status == `400` && body.error.code == 'UNABLE_TO_LOCK_ROW'"


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("status", [400, 500])
def test_a_row_lock_is_tried_again_until_it_is_gone(
    house: House, record: RunningRecord, kind: str, status: int
) -> None:
    make(house, kind)
    house.connection.operations.update(try_again="body.error.code == 'UNABLE_TO_LOCK_ROW'")
    record.control.fault("status", method="P*", status=status, code="UNABLE_TO_LOCK_ROW", times=2)

    house.tell()
    house.work()
    assert (house.last().state, house.last().answer_status) == ("WAITING", status)
    assert "takes for busy" in house.last().note
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert len(effects(record)) == 1


def test_another_refusal_of_the_same_status_fails_for_good(house: House, record: RunningRecord) -> None:
    house.update(try_again=LOCKED)
    record.control.fault("status", method="P*", status=400, code="REQUIRED_FIELD_MISSING", times=1)

    house.tell()
    house.work_until_done()

    assert house.last().state == "FAILED"
    assert effects(record) == []


def test_a_look_up_that_finds_the_system_busy_is_asked_again(house: House, record: RunningRecord) -> None:
    house.lookup.try_again = "status == `403`"
    house.lookup.save()
    house.update()
    record.control.fault("status", method="GET", status=403, code="REQUEST_LIMIT_EXCEEDED", times=3)

    house.tell()
    house.work()
    assert house.last().state == "WAITING"
    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"
    house.connection.refresh_from_db()
    assert house.connection.health == Health.OK


def test_a_success_that_says_busy_in_its_body_is_sent_again(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.NOTE, try_again="body.errors[?code == 'locked']")
    record.control.fault("error_list", method="POST", code="locked", times=1)

    house.tell()
    house.work_until_done()

    assert (house.last().verdict, house.last().sends) == ("CONFIRMED", 2)
    assert len(effects(record)) == 1


def test_a_read_back_leaves_out_the_headers_of_the_write(house: House, record: RunningRecord) -> None:
    """Else a header that turns POST into PATCH, or that is too good for reading, goes out with the GET."""
    house.update(headers={"Authorization": "Bearer not-accepted"}, readback_headers={"Authorization": ""})
    operation = Operation.objects.get(kind="UPDATE")

    assert headers_of(operation, {}) == {"Authorization": "Bearer not-accepted"}
    assert headers_of(operation, {}, reading=True) == {}


def test_several_choices_of_an_address_wait_for_an_operator(house: House, record: RunningRecord) -> None:
    first, second = record.control.order(NUMBER), record.control.add_order(NUMBER)
    house.lookup.path, house.lookup.query, house.lookup.records = "/api/choices/{external_id}", {}, ""
    house.lookup.save()
    house.update()

    house.tell()
    house.work_until_done()
    assert house.last().state == "UNSURE"
    assert [each["id"] for each in house.last().candidates or []] == [first["id"], second["id"]]
    assert effects(record) == []
    services.choose_record(house.last(), second["id"], by="Ada", now=house.time.now())
    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"
    assert second["u_minutes"] == 12
    assert "u_minutes" not in first
