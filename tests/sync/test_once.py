"""Repetitions, replays and changes: what is equal is not sent again, and the last state wins."""

from dataclasses import replace

import pytest

from integrations.core import platforms
from integrations.core.platforms import ContextField
from integrations.events.models import Event
from integrations.sync import services, sinks
from integrations.sync.models import OperationKind, RecordWrite
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.test_faults import effects, wait_for_effect


def test_a15_the_same_delivery_five_times_is_one_write(house: House, record: RunningRecord) -> None:
    house.update()

    for _ in range(5):
        house.tell()
        house.work()

    assert [write.state for write in house.writes()] == ["DONE", *["SKIPPED"] * 4]
    assert all("equals the last confirmed write" in write.note for write in house.writes()[1:])
    assert effects(record) == ["order.update"]


def test_five_facts_at_once_are_folded_into_the_newest_content(house: House, record: RunningRecord) -> None:
    house.update()
    for minutes in range(1, 6):
        house.facts.visits["v1"]["minutes"] = minutes
        house.tell()

    house.work()

    assert effects(record) == ["order.update"]
    assert record.control.order(NUMBER)["u_minutes"] == 5
    assert [write.state for write in house.writes()] == ["DONE", *["SKIPPED"] * 4]


def test_one_two_one_ends_at_one(house: House, record: RunningRecord) -> None:
    house.update()

    for minutes in (1, 2, 1):
        house.facts.visits["v1"]["minutes"] = minutes
        house.tell()
        house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 1
    assert [write.generation for write in house.writes()] == [1, 2, 3]
    assert len({write.key for write in house.writes()}) == 3


def test_after_an_unsure_two_the_one_is_written_again(house: House, record: RunningRecord) -> None:
    """The last confirmed write says 1, but what is there may be 2."""
    house.update(readback_path="", when_unsure="ASK")
    house.facts.visits["v1"]["minutes"] = 1
    house.tell()
    house.work()
    record.control.fault("drop_after", method="PATCH", times=1)
    house.facts.visits["v1"]["minutes"] = 2
    house.tell()
    house.work_until_done()
    assert [write.state for write in house.writes()] == ["DONE", "UNSURE"]

    house.facts.visits["v1"]["minutes"] = 1
    house.tell()
    house.work_until_done()

    assert record.control.order(NUMBER)["u_minutes"] == 1


def test_newer_facts_wait_while_an_older_write_is_unsure(house: House, record: RunningRecord) -> None:
    """A late application of 1 must not overwrite 2."""
    house.update()
    record.control.fault("late", method="PATCH", delay=0.3, times=1)
    house.facts.visits["v1"]["minutes"] = 1
    house.tell()
    house.work()
    house.facts.visits["v1"]["minutes"] = 2
    house.tell()
    house.work()
    assert [write.state for write in house.writes()] == ["SENT", "WAITING"]

    wait_for_effect(record)
    house.work_until_done()

    assert record.control.order(NUMBER)["u_minutes"] == 2
    assert len(effects(record)) == 2


def test_two_sources_with_the_same_content_are_one_request(house: House, record: RunningRecord) -> None:
    house.update()
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}

    house.tell("v1")
    house.tell("v2")
    house.work()

    assert effects(record) == ["order.update"]


def test_a_replay_of_older_facts_does_not_overwrite_newer_ones(house: House, record: RunningRecord) -> None:
    house.update()
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2", "minutes": 99}
    house.tell("v1")
    house.tell("v2")
    house.work()

    house.tell("v1", reason="replay")
    house.tell("v2", reason="replay")
    house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 99
    assert len(effects(record)) == 2


def test_two_sources_that_say_the_same_in_turn_leave_the_last_word(house: House, record: RunningRecord) -> None:
    """1 by the first, 2 by the second, 2 by the first (equal, not sent), and then 1 by the first: 1 it is."""
    house.update()
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}

    for visit, minutes in (("v1", 1), ("v2", 2), ("v1", 2), ("v1", 1)):
        house.facts.visits[visit]["minutes"] = minutes
        house.tell(visit)
        house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 1
    assert [write.state for write in house.writes()] == ["DONE", "DONE", "SKIPPED", "DONE"]


def test_a_repetition_of_what_was_equal_does_not_overwrite_newer_facts(house: House, record: RunningRecord) -> None:
    """The second source was never sent, because the record held its content; saying it again is no news."""
    house.update()
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}
    for visit, minutes in (("v1", 12), ("v2", 12), ("v1", 30)):
        house.facts.visits[visit]["minutes"] = minutes
        house.tell(visit)
        house.work()

    for visit in ("v2", "v1", "v2"):
        house.tell(visit, reason="replay")
        house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 30
    assert len(effects(record)) == 2


def test_what_an_operator_sent_again_is_what_newer_facts_are_compared_with(house: House, record: RunningRecord) -> None:
    house.update(readback_path="")
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}
    for visit, minutes in (("v1", 1), ("v2", 2)):
        house.facts.visits[visit]["minutes"] = minutes
        house.tell(visit)
        house.work()
    services.retry(RecordWrite.objects.filter(source_id="v1"), by="olga", now=house.time.now())
    house.work()
    assert record.control.order(NUMBER)["u_minutes"] == 1

    house.facts.visits["v1"]["minutes"] = 2
    house.tell("v1")
    house.work()

    assert record.control.order(NUMBER)["u_minutes"] == 2


def test_what_was_given_up_does_not_count_as_written(house: House, record: RunningRecord) -> None:
    house.update(readback_path="")
    record.control.fault("drop_before", method="PATCH", times=1)
    house.tell()
    house.work_until_done()
    services.give_up(house.last(), by="olga", now=house.time.now())

    house.tell()
    house.work_until_done()

    assert house.last().verdict == "UNVERIFIED"
    assert effects(record) == ["order.update"]


@pytest.mark.parametrize("kind", [OperationKind.NOTE, OperationKind.ATTACH])
def test_a_note_or_a_file_is_added_once_whatever_changes(house: House, record: RunningRecord, kind: str) -> None:
    house.operation(kind)

    for state in ("in_progress", "done", "done"):
        house.facts.visits["v1"]["state"] = state
        house.tell(reason="replay")
        house.work()

    assert [write.state for write in house.writes()] == ["DONE", "SKIPPED", "SKIPPED"]
    assert "is written once" in house.last().note
    assert len(effects(record)) == 1


def test_each_source_has_its_own_note(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.NOTE)
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}

    house.tell("v1")
    house.tell("v2")
    house.work()

    assert effects(record) == ["notes.create", "notes.create"]


def test_a_child_is_created_once_and_changed_in_place(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.CREATE)

    for state in ("in_progress", "done", "done"):
        house.facts.visits["v1"]["state"] = state
        house.tell()
        house.work()

    children = record.control.children(NUMBER, "sessions")
    assert [child["state"] for child in children] == ["done"]
    assert [write.state for write in house.writes()] == ["DONE", "DONE", "SKIPPED"]
    assert {write.verdict for write in house.writes()[:2]} == {"CONFIRMED"}


def test_a_child_that_exists_already_counts_as_done(house: House, record: RunningRecord) -> None:
    house.operation(
        OperationKind.CREATE,
        method="POST",
        path="/api/orders/{record.id}/sessions",
        body={"external_id": "{visit.id}", "state": "{visit.state}"},
        already_exists="body.error.code == 'already_exists'",
    )
    record.control.state.orders.add_child(NUMBER, "sessions", {"external_id": "v1", "state": "in_progress"})

    house.tell()
    house.work()

    assert (house.last().state, house.last().verdict, house.last().answer_status) == ("DONE", "CONFIRMED", 409)
    assert "existed already" in house.last().note
    assert len(record.control.children(NUMBER, "sessions")) == 1


def test_a_key_in_a_header_makes_a_repetition_harmless(house: House, record: RunningRecord) -> None:
    """No read-back: the target alone tells the repetition from something new."""
    house.operation(OperationKind.NOTE, readback_path="", marker="", body={"body": "Done"}, key_place="HEADER")
    record.control.fault("drop_after", method="POST", times=1)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict, house.last().sends) == ("DONE", "UNVERIFIED", 2)
    assert effects(record) == ["notes.create"]
    assert record.control.effects(NUMBER)[0]["key"] == house.last().key


def test_without_key_marker_and_read_back_an_operator_decides(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.NOTE, readback_path="", marker="", body={"body": "Done"})
    record.control.fault("drop_after", method="POST", times=1)

    house.tell()
    house.work_until_done()

    write = house.last()
    assert (write.state, write.verdict, write.sends) == ("UNSURE", "UNSURE", 1)
    assert "mark it as done or send it again" in write.note
    assert effects(record) == ["notes.create"]


def test_set_to_repeat_it_is_sent_again_and_may_double(house: House, record: RunningRecord) -> None:
    house.operation(OperationKind.NOTE, readback_path="", marker="", body={"body": "Done"}, when_unsure="REPEAT")
    record.control.fault("drop_after", method="POST", times=1)

    house.tell()
    house.work_until_done()

    assert (house.last().state, house.last().verdict) == ("DONE", "UNVERIFIED")
    assert len(effects(record)) == 2


def test_one_event_makes_one_row_however_often_the_sink_sees_it(house: House, record: RunningRecord) -> None:
    house.update()
    house.tell()

    sinks.answer(list(Event.objects.all()))
    house.work()

    assert RecordWrite.objects.count() == 1
    assert effects(record) == ["order.update"]


def test_a_field_that_is_refused_leaves_the_rest_written_if_set_so(house: House, record: RunningRecord) -> None:
    operation = house.update(all_or_nothing=False)
    operation.field_mappings.create(source="visit.id", target="colour")

    house.tell()
    house.work()

    write = house.last()
    assert (write.state, write.verdict) == ("DONE", "CONFIRMED")
    assert "Not written: colour" in write.note
    assert record.control.order(NUMBER)["u_minutes"] == 12
    house.tell()
    house.work()
    assert house.last().state == "SKIPPED"


def test_by_default_a_refused_field_leaves_nothing_written(house: House, record: RunningRecord) -> None:
    operation = house.update()
    operation.field_mappings.create(source="visit.id", target="colour")

    house.tell()
    house.work()

    assert house.last().state == "FAILED"
    assert effects(record) == []


def test_a_link_that_expires_is_no_reason_to_write_again(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = platforms.context_kind("test.visit")
    link = ContextField("visit.link", "text", volatile=True)
    monkeypatch.setitem(platforms._contexts, "test.visit", replace(kind, fields=(*kind.fields, link)))
    operation = house.update()
    operation.field_mappings.create(source="visit.link", target="u_link")
    operation.field_mappings.create(source="join('', ['see ', visit.link])", target="u_seen")
    house.facts.visits["v2"] = {**house.facts.visits["v1"], "id": "v2"}

    for visit, signature in (("v1", "a"), ("v1", "b"), ("v2", "c"), ("v2", "d")):
        house.facts.visits[visit]["link"] = f"https://photos/{visit}?signature={signature}"
        house.tell(visit)
        house.work()

    assert [write.state for write in house.writes()] == ["DONE", "SKIPPED", "DONE", "SKIPPED"]
    assert house.writes()[0].verdict == "CONFIRMED"
    assert record.control.order(NUMBER)["u_link"] == "https://photos/v2?signature=c"
