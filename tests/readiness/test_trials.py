"""A field is written, read back and restored on a record of the system, whatever happens in between."""

import pytest

from integrations.core.work import Claim
from integrations.readiness import stages, trials
from integrations.readiness.models import FieldTrial, Questionnaire
from integrations.sync.models import Operation, RecordLane, RecordWrite
from tests.readiness.conftest import MINUTES, NUMBER, Asked
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process ends here, without any clean-up."""


def status(record: RunningRecord) -> object:
    return record.control.order(NUMBER)["status"]


def written(record: RunningRecord) -> list[object]:
    return [each["content"]["fields"] for each in record.control.effects(what="order.update")]


def test_a_field_is_written_read_back_and_restored(asked: Asked, record: RunningRecord) -> None:
    before = status(record)

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, trial.finding) == ("DONE", "RESTORED", "WORKS"), trial.note
    assert status(record) == before
    assert written(record) == [{"status": "tried"}, {"status": before}]
    assert [step["name"] for step in trial.steps] == [
        "look-up",
        "before",
        "write",
        "read back",
        "restore",
        "read the restored",
    ]
    assert all(step["ok"] and step["status"] == 200 and step["request"] for step in trial.steps)


def test_what_a_trial_writes_is_in_the_ledger(asked: Asked, record: RunningRecord) -> None:
    trial = asked.ask(value="tried")
    asked.work_until_done()

    writes = RecordWrite.objects.of_origin(trial.origin).order_by("ordinal")
    assert [(write.request or {})["body"] for write in writes] == [{"status": "tried"}, {"status": trial_before(trial)}]
    assert RecordLane.objects.get().record_key == NUMBER


def trial_before(trial: FieldTrial) -> object:
    trial.refresh_from_db()
    return trial.before


def test_a_number_is_written_as_a_number(asked: Asked, record: RunningRecord) -> None:
    record.control.change_order(NUMBER, u_minutes=12)

    asked.ask(fact=MINUTES, value="7")
    asked.work_until_done()

    assert written(record) == [{"u_minutes": 7}, {"u_minutes": 12}]


def test_it_is_restored_when_what_is_read_back_differs(asked: Asked, record: RunningRecord) -> None:
    before = status(record)
    record.control.fault("no_change", method="PATCH", times=1)

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, trial.finding) == ("FAILED", "RESTORED", "DIFFERS")
    assert "instead of “tried”" in trial.note
    assert status(record) == before


def test_a_field_that_the_system_refuses_is_left_as_it_was(asked: Asked, record: RunningRecord) -> None:
    record.control.fault("status", status=422, method="PATCH")

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, trial.finding) == ("FAILED", "UNTOUCHED", "REFUSED")
    assert written(record) == []


def test_a_field_that_cannot_be_restored_is_told_loudly_and_a_person_restores_it(
    asked: Asked, record: RunningRecord
) -> None:
    before = status(record)
    trial = asked.ask(value="tried")
    record.control.fault("status", status=403, method="PATCH", after=1)
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage) == ("FAILED", "WRITTEN")
    assert trial.note.startswith(f"NOT RESTORED: status of {NUMBER} may hold “tried”; before it held “{before}”.")
    assert status(record) == "tried"

    record.control.clear_faults()
    trials.restore(trial, by="berta", now=asked.house.time.now())
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, status(record)) == ("DONE", "RESTORED", before)


@pytest.mark.parametrize("dies_in", ["_found_there", "_restore"])
def test_a_worker_that_dies_between_writing_and_restoring_leaves_it_told_and_the_next_restores(
    asked: Asked, record: RunningRecord, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    before = status(record)
    trial = asked.ask(value="tried")

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(stages.Trial, dies_in, die)
        with pytest.raises(Killed):
            asked.work()

    trial.refresh_from_db()
    assert trial.is_unrestored
    assert status(record) == "tried"
    with pytest.raises(trials.NotNow, match="A worker is on it"):
        trials.restore(trial, by="anna", now=asked.house.time.now())

    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, status(record)) == ("DONE", "RESTORED", before)
    assert written(record) == [{"status": "tried"}, {"status": before}]


def test_an_answer_that_is_lost_is_found_out_and_restored(asked: Asked, record: RunningRecord) -> None:
    before = status(record)
    record.control.fault("drop_after", method="PATCH", times=1)

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.stage, status(record)) == ("RESTORED", before), trial.note
    assert not RecordWrite.objects.filter(state__in=("UNSURE", "SENT")).exists()


def test_it_is_refused_while_writes_are_held_back(asked: Asked, record: RunningRecord) -> None:
    asked.house.connection.capture = True
    asked.house.connection.save()
    asked.row.refresh_from_db()

    with pytest.raises(trials.NotNow, match="Writes are held back"):
        asked.ask()

    assert not FieldTrial.objects.exists()
    assert written(record) == []


def test_writes_that_are_held_back_meanwhile_stop_it_before_anything_is_sent(
    asked: Asked, record: RunningRecord
) -> None:
    trial = asked.ask()
    asked.house.connection.capture = True
    asked.house.connection.save()

    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage) == ("FAILED", "UNTOUCHED")
    assert not RecordWrite.objects.exists()


def test_a_closed_record_is_refused_and_not_touched(asked: Asked, record: RunningRecord) -> None:
    record.control.close_order(NUMBER)

    trial = asked.ask()
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage) == ("FAILED", "UNTOUCHED")
    assert "closed in the system" in trial.note
    assert written(record) == []


@pytest.mark.parametrize(("key", "found"), [("WO-NONE", 0), ("TWICE", 2)])
def test_a_record_that_is_not_found_alone_is_not_touched(
    asked: Asked, record: RunningRecord, key: str, found: int
) -> None:
    record.control.add_order("TWICE")
    record.control.add_order("TWICE")

    trial = asked.ask(record_key=key)
    asked.work_until_done()

    trial.refresh_from_db()
    assert trial.stage == "UNTOUCHED"
    assert f"found {found} records" in trial.note
    assert written(record) == []


@pytest.mark.parametrize(
    ("fact", "value", "key", "said"),
    [
        (MINUTES, "many", NUMBER, "not a whole number"),
        (MINUTES, " ", NUMBER, "not a whole number"),
        (MINUTES, "7", "  ", "Name the record"),
    ],
)
def test_what_cannot_be_tried_is_refused(asked: Asked, fact: str, value: str, key: str, said: str) -> None:
    with pytest.raises(trials.NotNow, match=said):
        asked.ask(fact=fact, value=value, record_key=key)

    assert not FieldTrial.objects.exists()


def test_one_trial_of_a_record_at_a_time(asked: Asked) -> None:
    asked.ask()

    with pytest.raises(trials.NotNow, match="has not ended"):
        asked.ask(fact=MINUTES, value="7")

    assert FieldTrial.objects.count() == 1


def test_a_value_that_the_field_holds_proves_nothing(asked: Asked, record: RunningRecord) -> None:
    record.control.change_order(NUMBER, status="tried")

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert "holds that value already" in trial.note
    assert written(record) == []


def test_what_cannot_be_read_is_not_written(asked: Asked, record: RunningRecord) -> None:
    Questionnaire.objects.update(read_path="/api/nowhere/{record.id}")
    asked.row.refresh_from_db()

    trial = asked.ask()
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage) == ("FAILED", "UNTOUCHED")
    assert written(record) == []


def test_by_graphql(asked: Asked, record: RunningRecord) -> None:
    before = status(record)
    record.control.change_order(NUMBER, u_minutes=3)
    mutation = (
        "mutation ($id: ID!, $input: OrderFields!) { updateOrder(number: $id, fields: $input) { errors { message } } }"
    )
    Questionnaire.objects.update(
        api="GRAPHQL",
        document=mutation,
        read_document="query ($id: ID!) { order(number: $id) { status priority } }",
        read_expect="body.data.order",
    )
    asked.row.refresh_from_db()

    trial = asked.ask(value="tried")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage, trial.finding) == ("DONE", "RESTORED", "WORKS"), trial.note
    assert status(record) == before


def test_nothing_of_it_is_a_mapping(asked: Asked) -> None:
    asked.ask()
    asked.work_until_done()

    assert asked.made() == []
    assert Operation.objects.count() == 1


def test_a_failure_inside_says_that_it_may_not_be_restored(
    asked: Asked, record: RunningRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = asked.ask(value="tried")

    def broken(claim: Claim) -> None:
        raise ValueError("boom")

    monkeypatch.setattr(stages.Trial, "_restore", broken)
    asked.work_until_done()

    trial.refresh_from_db()
    assert trial.note.startswith("NOT RESTORED")


def test_a_write_that_never_got_through_is_given_up_and_restoring_does_not_begin_it_again(
    asked: Asked, record: RunningRecord
) -> None:
    before = status(record)
    trial = asked.ask(value="tried")
    record.control.fault("status", status=503, method="PATCH")
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.state, trial.stage) == ("FAILED", "WRITING")
    assert "NOT RESTORED" in trial.note
    assert written(record) == []

    record.control.clear_faults()
    trials.restore(trial, by="anna", now=asked.house.time.now())
    asked.work_until_done()

    trial.refresh_from_db()
    assert (trial.stage, status(record)) == ("RESTORED", before)
    assert {"status": "tried"} not in written(record)
