"""Operations that scripts ask for: through the same engine as those of mappings, with what the script gives."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.core import platforms
from integrations.core.errors import PermanentError
from integrations.core.platforms import ContextKind
from integrations.core.work import WorkState
from integrations.sync import scripted, services
from integrations.sync.models import Operation, OperationKind, RecordLane, RecordWrite
from integrations.sync.scripted import NotDeterministic, Undecided, Waiting
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, PNG, House
from tests.sync.scripting import ScriptRun
from tests.sync.test_faults import effects


def update(house: House, **values: Any) -> Operation:
    return house.operation(OperationKind.UPDATE, source_type="script", **values)


def note(house: House, **values: Any) -> Operation:
    body = {"body": "{input.text} ({marker})"}
    return house.operation(OperationKind.NOTE, **{"source_type": "script", "body": body} | values)


def test_given_fields_are_written_over_the_mapped_ones_and_confirmed(house: House, record: RunningRecord) -> None:
    operation = house.update()

    performed = ScriptRun(house).perform(operation, fields={"status": "done", "u_by": "script"})

    order = record.control.order(NUMBER)
    assert (order["status"], order["u_by"], order["u_minutes"]) == ("done", "script", 12)
    assert (performed.verdict, performed.replayed, performed.write_id) == ("CONFIRMED", False, house.last().pk)
    assert (house.last().origin, house.last().ordinal, house.last().given) == (
        "scriptrun/12",
        1,
        {"fields": {"status": "done", "u_by": "script"}},
    )
    assert RecordLane.objects.get().state == "DONE"


def test_asked_again_it_is_answered_from_the_ledger(house: House, record: RunningRecord) -> None:
    operation = update(house)
    ScriptRun(house).perform(operation, fields={"status": "done"})

    again = ScriptRun(house).perform(operation, fields={"status": "done"})

    assert (again.verdict, again.replayed) == ("CONFIRMED", True)
    with pytest.raises(NotDeterministic):
        ScriptRun(house).perform(operation, fields={"status": "open"})
    assert effects(record) == ["order.update"]


def test_another_run_with_the_same_content_writes_nothing(house: House, record: RunningRecord) -> None:
    operation = update(house)
    ScriptRun(house).perform(operation, fields={"status": "done"})

    second = ScriptRun(house, 13).perform(operation, fields={"status": "done"})

    assert (second.verdict, "equals the last confirmed write" in second.note) == ("SKIPPED", True)
    assert effects(record) == ["order.update"]


def test_a_note_is_written_for_each_thing_a_script_says_and_once_for_each(house: House, record: RunningRecord) -> None:
    operation = note(house)

    said = [ScriptRun(house, n).perform(operation, text=text) for n, text in enumerate("ABAB", start=1)]

    assert [each.verdict for each in said] == ["CONFIRMED", "CONFIRMED", "SKIPPED", "SKIPPED"]
    assert [child["body"][0] for child in record.control.children(NUMBER, "notes")] == ["A", "B"]
    assert said[2].id == said[0].id


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_an_unclear_note_is_settled_and_there_once(house: House, record: RunningRecord, fault: str) -> None:
    operation = note(house)
    ScriptRun(house, 11).perform(operation, text="before")
    record.control.fault(fault, method="POST", times=1)

    with pytest.raises(Waiting) as waiting:
        ScriptRun(house).perform(operation, text="hello")
    house.time.pass_by((waiting.value.due_at - house.time.now()).total_seconds() + 0.01)
    performed = ScriptRun(house).perform(operation, text="hello")

    assert performed.verdict == "CONFIRMED"
    assert len(effects(record)) == 2


def test_a_run_that_never_comes_back_has_its_write_all_the_same(house: House, record: RunningRecord) -> None:
    operation = note(house)
    record.control.fault("status", method="POST", status=503, times=1)
    with pytest.raises(Waiting, match="503"):
        ScriptRun(house).perform(operation, text="hello")

    house.work_until_done()

    assert house.last().verdict == "CONFIRMED"
    assert ScriptRun(house).perform(operation, text="hello").replayed
    assert effects(record) == ["notes.create"]


@pytest.mark.parametrize("sent", [False, True])
def test_a_worker_killed_on_the_way_leaves_one_effect(house: House, record: RunningRecord, sent: bool) -> None:
    """Killed after the row was made, or after the request had left: the lease runs out, and the run asks again."""
    operation = note(house)
    record.control.fault("drop_after" if sent else "status", method="POST", times=1)
    with pytest.raises(Waiting):
        ScriptRun(house).perform(operation, text="hello")
    if not sent:
        RecordWrite.objects.update(state="WAITING", generation=None, key=None, note="", sends=0, attempts=0)
    RecordLane.objects.update(state=WorkState.RUNNING, due_at=house.time.now(), retry_since=None)

    house.time.pass_by(61)
    performed = ScriptRun(house).perform(operation, text="hello")

    assert performed.verdict == "CONFIRMED"
    assert effects(record) == ["notes.create"]


def test_a_record_that_is_not_there_yet_is_waited_for(house: House, record: RunningRecord) -> None:
    operation = update(house)
    run = ScriptRun(house, values={"record_key": "WO-new"})

    with pytest.raises(Waiting, match="There is no record WO-new yet"):
        run.perform(operation, fields={"status": "done"})
    record.control.add_order("WO-new")
    house.work_until_done()

    assert ScriptRun(house, values={"record_key": "WO-new"}).perform(operation, fields={"status": "done"}).replayed
    assert record.control.order("WO-new")["status"] == "done"


def test_several_records_are_an_operators_choice(house: House, record: RunningRecord) -> None:
    operation = update(house)
    twin = record.control.add_order(NUMBER, site="B")

    with pytest.raises(Undecided) as undecided:
        ScriptRun(house).perform(operation, fields={"status": "done"})
    write = RecordWrite.objects.get(pk=undecided.value.write_id)
    services.choose_record(write, twin["id"], by="olga", now=house.time.now())

    assert ScriptRun(house).perform(operation, fields={"status": "done"}).verdict == "CONFIRMED"
    assert [row["status"] for row in record.control.state.orders.with_number(NUMBER)] == ["open", "done"]


def test_a_refused_field_is_told_and_may_be_tried_again(house: House, record: RunningRecord) -> None:
    operation = update(house)
    record.control.fault("status", method="PATCH", status=422, times=1)

    with pytest.raises(PermanentError, match="422") as refused:
        ScriptRun(house).perform(operation, fields={"status": "done"})
    assert refused.value.status == 422
    assert vars(refused.value)["write_id"] == house.last().pk

    assert ScriptRun(house).perform(operation, fields={"status": "done"}).verdict == "CONFIRMED"


def test_a_refusal_that_the_script_went_on_after_is_told_again(house: House, record: RunningRecord) -> None:
    operation, run = update(house), ScriptRun(house)
    with pytest.raises(PermanentError):
        run.perform(operation, fields={"colour": "red"})
    run.perform(operation, fields={"status": "done"})
    record.control.fault("no_change", method="PATCH")

    with pytest.raises(PermanentError, match="422"):
        ScriptRun(house).perform(operation, fields={"colour": "red"})


def test_older_writes_of_the_record_come_first(house: House, record: RunningRecord) -> None:
    mapping, operation = house.update(), update(house)
    house.tell()

    ScriptRun(house).perform(operation, fields={"status": "done"})

    first, second = house.writes()
    assert (first.operation_id, first.verdict, second.verdict) == (mapping.pk, "CONFIRMED", "CONFIRMED")
    assert record.control.order(NUMBER)["status"] == "done"


@pytest.fixture
def photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photo 7."""
    facts = {"photo": {"id": 7, "label": "Nameplate"}}
    kind = platforms.context_kind("photo")

    def load(source_id: str) -> dict[str, Any]:
        if source_id != "7":
            raise LookupError(source_id)
        return facts

    made = replace(kind, load=load, file=lambda source_id: (f"{source_id}.png", "image/png", PNG))
    monkeypatch.setitem(platforms._contexts, "photo", made)


@pytest.mark.usefixtures("photo")
def test_a_photo_is_attached_by_its_number(house: House, record: RunningRecord) -> None:
    body = {"description": "{photo.label}: {input.text}", "external_id": "{key}"}
    operation = house.operation(OperationKind.ATTACH, source_type="script", body=body)

    performed = ScriptRun(house).perform(operation, photo=7, text="front")

    (attached,) = record.control.children(NUMBER, "attachments")
    assert (attached["name"], attached["description"], attached["size"]) == ("7.png", "Nameplate: front", len(PNG))
    assert (performed.verdict, performed.id) == ("CONFIRMED", attached["id"])
    with pytest.raises(PermanentError, match="Photo 8 is not there"):
        ScriptRun(house, 13).perform(operation, photo=8)


def test_a_child_is_created_once_and_changed_in_place(house: House, record: RunningRecord) -> None:
    operation = house.operation(
        OperationKind.CREATE,
        source_type="script",
        path="/api/orders/{record.id}/sessions/{input.id}",
        readback_path="/api/orders/{record.id}/sessions/{input.id}",
        body=None,
    )

    made = [ScriptRun(house, n).perform(operation, id="s-1", fields={"state": s}) for n, s in ((1, "a"), (2, "b"))]

    assert [child["state"] for child in record.control.children(NUMBER, "sessions")] == ["b"]
    assert [each.verdict for each in made] == ["CONFIRMED", "CONFIRMED"]
    assert made[0].id == made[1].id != ""


def test_a_run_without_a_source_may_use_operations_of_scripts(house: House, record: RunningRecord) -> None:
    nothing = {"source_type": "", "source_id": ""}

    assert ScriptRun(house, values=nothing).perform(note(house), text="by the clock").verdict == "CONFIRMED"
    with pytest.raises(PermanentError, match=r"writes from test\.visit, and this run is about nothing"):
        ScriptRun(house, 13, values=nothing).perform(house.update(), fields={})


def test_an_operation_of_another_connection_or_kind_is_refused(house: House, record: RunningRecord) -> None:
    stranger = update(house)
    stranger.connection_id = 0

    with pytest.raises(PermanentError, match="belongs to another connection"):
        ScriptRun(house).perform(stranger)
    with pytest.raises(PermanentError, match="it can look up the record"):
        ScriptRun(house).perform(house.lookup)

    assert house.writes() == []


def test_no_event_starts_an_operation_of_scripts(house: House, record: RunningRecord) -> None:
    note(house)

    house.tell()

    assert house.writes() == []


def test_in_capture_mode_it_is_recorded_and_not_sent(house: House, record: RunningRecord, settings: Settings) -> None:
    settings.OUTBOUND = "capture"

    performed = ScriptRun(house).perform(update(house), fields={"status": "done"})

    assert performed.verdict == "CAPTURED"
    assert effects(record) == []


def test_closed_records_are_left_alone_and_the_script_is_told(house: House, record: RunningRecord) -> None:
    record.control.close_order(NUMBER)

    performed = ScriptRun(house).perform(update(house), fields={"status": "done"})

    assert (performed.verdict, "closed" in performed.note) == ("SKIPPED", True)


def test_a_record_is_looked_up_for_a_script(house: House, record: RunningRecord) -> None:
    house.lookup.query = {"number": "{input.number || external_id}"}
    effect = ScriptRun(house).effect()

    found = scripted.find(effect, lookup=house.lookup, given={})

    assert found is not None
    assert found["id"] == record.control.order(NUMBER)["id"]
    assert scripted.find(effect, lookup=house.lookup, given={"number": "WO-none"}) is None
    record.control.add_order(NUMBER)
    with pytest.raises(PermanentError, match="found 2 records"):
        scripted.find(effect, lookup=house.lookup, given={})
    record.control.fault("status", method="GET", status=400, times=1)
    with pytest.raises(PermanentError, match="400"):
        scripted.find(effect, lookup=house.lookup, given={})


def test_what_an_operation_would_send_is_shown_and_nothing_happens(house: House, record: RunningRecord) -> None:
    operation = house.update()
    effect = ScriptRun(house).effect()

    shown = scripted.preview(effect, operation=operation, given={"fields": {"u_by": "script"}})
    unknown = scripted.preview(replace(effect, record_key="WO-none"), operation=operation, given={})

    identity = record.control.order(NUMBER)["id"]
    assert (shown.request["path"], shown.problems) == (f"/api/orders/{identity}", ())
    assert shown.request["body"] == {"status": "in_progress", "u_minutes": 12, "u_by": "script"}
    assert unknown.problems == ("There is no record WO-none yet; the write would wait for it.",)
    assert effects(record) == []
    assert house.writes() == []


def test_a_context_kind_of_scripts_reads_what_any_source_has() -> None:
    kind: ContextKind = platforms.context_kind("script")

    assert (kind.load("anything"), tuple(kind.event_types)) == ({}, ())
