"""What operators do about writes, and the sentence that says why nothing was written."""

from datetime import timedelta

import pytest

from integrations.connections.models import Connection
from integrations.core import registries
from integrations.events import sequencer
from integrations.sync import services
from integrations.sync.models import OperationKind, RecordWrite
from integrations.sync.scripted import NotDeterministic, Undecided
from integrations.workorders.models import ExternalId, Join, WorkOrder
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.scripting import ScriptRun
from tests.sync.test_faults import effects


@pytest.fixture
def unsure(house: House, record: RunningRecord) -> RecordWrite:
    """A note of which nobody knows whether it arrived; it did."""
    house.operation(OperationKind.NOTE, readback_path="", marker="", body={"body": "Done"})
    record.control.fault("drop_after", method="POST", times=1)
    house.tell()
    house.work_until_done()
    assert house.last().state == "UNSURE"
    return house.last()


@pytest.fixture
def order(house: House) -> WorkOrder:
    """The work order of the record, joined to the visit."""
    made = WorkOrder.objects.create(workspace=house.connection.workspace)
    house.subject = made.subject
    ExternalId.objects.create(work_order=made, system=house.connection, external_id=NUMBER)
    join(made, house.connection)
    return made


def join(order: WorkOrder, connection: Connection) -> Join:
    return Join.objects.create(
        workspace=order.workspace,
        connection=connection,
        source_type="test.visit",
        source_id="v1",
        work_order=order,
        joined_event="visit.joined",
    )


def test_marked_as_done_it_stays_as_it_is(house: House, record: RunningRecord, unsure: RecordWrite) -> None:
    services.mark_as_done(unsure, by="olga", now=house.time.now())
    house.work()

    assert (house.last().state, house.last().verdict, house.last().decided_by) == ("DONE", "UNVERIFIED", "olga")
    assert effects(record) == ["notes.create"]
    with pytest.raises(services.NotUndecided):
        services.send_again(unsure, by="olga", now=house.time.now())


def test_sent_again_it_leaves_with_the_same_key(house: House, record: RunningRecord, unsure: RecordWrite) -> None:
    services.send_again(unsure, by="olga", now=house.time.now())
    house.work()

    assert (house.last().state, house.last().sends, house.last().key) == ("DONE", 2, unsure.key)
    assert len(effects(record)) == 2


def test_given_up_it_is_not_sent(house: House, record: RunningRecord, unsure: RecordWrite) -> None:
    services.give_up(unsure, by="olga", now=house.time.now())
    house.work()

    assert house.last().state == "SKIPPED"
    assert len(effects(record)) == 1


def test_a_failed_write_is_tried_again_with_the_corrected_mapping(house: House, record: RunningRecord) -> None:
    operation = house.operation(OperationKind.UPDATE, body={"colour": "red"}, key_place="HEADER")
    house.tell()
    house.work()
    first_key = house.last().key
    operation.body = {"status": "done"}
    operation.save()

    count = services.retry(RecordWrite.objects.all(), by="olga", now=house.time.now())
    house.work()

    assert count == 1
    assert house.last().verdict == "CONFIRMED", house.last().note
    assert house.last().key != first_key
    assert record.control.order(NUMBER)["status"] == "done"


def test_what_is_confirmed_is_not_tried_again(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()
    house.work()

    assert services.retry(RecordWrite.objects.all(), by="olga", now=house.time.now()) == 0
    house.work()

    assert len(effects(record)) == 1


def test_a_skipped_update_is_forced_by_an_operator(house: House, record: RunningRecord) -> None:
    house.update()
    for _ in range(2):
        house.tell()
        house.work()
    record.control.change_order(NUMBER, status="open")

    services.retry(RecordWrite.objects.filter(state="SKIPPED"), by="olga", now=house.time.now())
    house.work()

    assert record.control.order(NUMBER)["status"] == "in_progress"


def test_a_work_order_is_replayed_without_doubling(house: House, record: RunningRecord, order: WorkOrder) -> None:
    house.update()
    house.operation(OperationKind.NOTE)
    assert services.replay(order) == 1
    sequencer.sequence_all()
    house.work()
    assert {write.verdict for write in house.writes()} == {"CONFIRMED"}

    assert services.replay(order) == 1
    sequencer.sequence_all()
    house.work()

    assert sorted(effects(record)) == ["notes.create", "order.update"]
    assert [write.state for write in house.writes()] == ["DONE", "DONE", "SKIPPED", "SKIPPED"]


def test_why_nothing_was_written_is_said_in_a_sentence(house: House, record: RunningRecord, order: WorkOrder) -> None:
    stranger = WorkOrder.objects.create(workspace=house.connection.workspace)
    assert "No session or call" in services.explain(stranger)
    assert "No mapping says" in services.explain(order)
    operation = house.update(enabled=False)
    assert "switched off" in services.explain(order)
    operation.enabled = True
    operation.save()
    assert "replay the work order" in services.explain(order)
    Connection.objects.update(paused=True)
    assert "is paused" in services.explain(order)
    house.tell()
    assert "is paused" in services.explain(order)
    Connection.objects.update(paused=False, capture=True)
    house.work_until_done()
    assert "capture mode" in services.explain(order)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"condition": "visit.state == 'done'"}, "condition is not met"),
        ({}, "There is no record"),
        ({"path": "/api/orders/{record.id}/nowhere"}, "answered 405"),
    ],
)
def test_the_row_that_stands_in_the_way_gives_the_reason(
    house: House, record: RunningRecord, order: WorkOrder, change: dict[str, str], sentence: str
) -> None:
    house.update(**change)
    house.tell(record=NUMBER if change else "WO-none")
    house.work()

    assert sentence in services.explain(order)


def test_once_written_there_is_nothing_to_explain(house: House, record: RunningRecord, order: WorkOrder) -> None:
    house.update()
    house.tell()
    house.work()

    assert services.explain(order) == ""


def test_the_ledger_is_on_the_timeline_and_among_the_counters(house: House, unsure: RecordWrite) -> None:
    entries = [entry for entry in registries.timeline("workorder/1") if entry.kind == "write"]

    assert [entry.state for entry in entries] == ["UNSURE"]
    assert {"Writes to decide": 1, "Writes waiting": 0}.items() <= {
        counter.label: counter.value for counter in registries.counters()
    }.items()


def test_retention_empties_and_then_deletes_what_ended(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()
    house.work()
    house.tell()
    kinds = {kind.kind: kind for kind in registries.retained_kinds()}
    later = house.time.now() + timedelta(days=1)

    content = kinds["sync.content"]
    assert content.strip is not None
    assert content.strip(content.expired(later)) == 1
    first, waiting = house.writes()

    assert first.request is None
    assert first.content_hash, "the memory of what was written stays"
    assert list(kinds["sync.write"].expired(later)) == [first]
    assert waiting.state == "WAITING"


def test_retention_empties_what_scripts_gave_and_got(house: House, record: RunningRecord) -> None:
    ScriptRun(house).send()
    ScriptRun(house, 13).perform(house.update(), fields={"u_by": "script"})
    content = next(kind for kind in registries.retained_kinds() if kind.kind == "sync.content")
    later = house.time.now() + timedelta(days=1)

    assert content.strip is not None
    assert content.strip(content.expired(later)) == 2

    assert [(write.reply, write.given, write.request) for write in house.writes()] == [(None, None, None)] * 2
    assert not content.expired(later).exists()
    assert ScriptRun(house).send().status == 201, "it is still known to be there"
    with pytest.raises(NotDeterministic):
        ScriptRun(house).send(json={"body": "other"})


@pytest.mark.usefixtures("resumed")
def test_why_a_request_of_a_script_is_not_written_is_said(
    house: House, record: RunningRecord, order: WorkOrder
) -> None:
    record.control.fault("drop_after", method="POST", times=1)
    with pytest.raises(Undecided):
        ScriptRun(house).send()
    assert "mark it as done or send it again" in services.explain(order)

    services.send_again(house.last(), by="olga", now=house.time.now())

    assert services.explain(order) == "Asked for by olga. Its script sends it when its run is tried again."
