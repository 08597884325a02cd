"""What becomes of a run after a try."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.core.errors import OutboundOff, Paused
from integrations.scripts.models import RunState
from integrations.scripts.outcomes import MOST_TRIES, outcome_of
from integrations.scripts.sandbox import Ending, ErrorFacts, Finished
from integrations.sync.scripted import NotDeterministic, Undecided, Waiting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def judged(finished: Finished, *, tries: int = 1, since: datetime = NOON) -> tuple[RunState, str]:
    outcome = outcome_of(finished, tries=tries, since=since, now=NOON)
    return outcome.state, outcome.note


def test_a_run_that_returned_is_done_and_keeps_its_store() -> None:
    outcome = outcome_of(Finished(Ending.RETURNED), tries=1, since=NOON, now=NOON)

    assert (outcome.state, outcome.keeps) == (RunState.DONE, True)


def test_a_plain_error_is_tried_again_and_named_with_its_line() -> None:
    error = ErrorFacts("TypeError", "x is undefined", line=7)

    outcome = outcome_of(Finished(Ending.THREW, note="x is undefined", error=error), tries=1, since=NOON, now=NOON)

    assert outcome.state == RunState.WAITING
    assert outcome.due_at is not None
    assert NOON < outcome.due_at < NOON + timedelta(seconds=10)
    assert "TypeError (line 7): x is undefined" in outcome.note


def test_an_error_that_calls_itself_permanent_ends_the_run() -> None:
    error = ErrorFacts("HttpError", "404", permanent=True)

    assert judged(Finished(Ending.THREW, error=error))[0] == RunState.FAILED


def test_a_plain_error_is_not_tried_for_ever() -> None:
    state, note = judged(Finished(Ending.THREW, note="no"), tries=MOST_TRIES)

    assert state == RunState.FAILED
    assert f"Tried {MOST_TRIES} times" in note


def test_what_the_script_asked_for_is_a_floor_of_the_wait() -> None:
    finished = Finished(Ending.RETRY, note="not yet", retry_after=120.0)

    outcome = outcome_of(finished, tries=1, since=NOON, now=NOON)

    assert outcome.due_at is not None
    assert outcome.due_at >= NOON + timedelta(seconds=120)
    assert judged(finished, tries=50)[0] == RunState.WAITING
    assert judged(finished, tries=50, since=NOON - timedelta(hours=73))[0] == RunState.FAILED


@pytest.mark.parametrize("limit", ["cpu", "memory", "calls", "result"])
def test_a_limit_that_would_be_met_again_ends_the_run(limit: str) -> None:
    state, note = judged(Finished(Ending.LIMIT, limit=limit))

    assert state == RunState.FAILED
    assert f"its {limit} limit" in note


@pytest.mark.parametrize("finished", [Finished(Ending.LIMIT, limit="wall"), Finished(Ending.BROKEN)])
def test_what_may_be_the_machines_fault_is_tried_three_times(finished: Finished) -> None:
    assert [judged(finished, tries=tries)[0] for tries in (1, 2, 3)] == [
        RunState.WAITING,
        RunState.WAITING,
        RunState.FAILED,
    ]


def test_a_write_that_is_not_settled_is_waited_for_without_counting_a_try() -> None:
    due_at = NOON + timedelta(minutes=1)
    finished = Finished(Ending.STOPPED, cause=Waiting("It is read back at 12:01.", due_at=due_at))

    outcome = outcome_of(finished, tries=99, since=NOON, now=NOON)

    assert (outcome.state, outcome.due_at, outcome.uncounted) == (RunState.WAITING, due_at, True)


@pytest.mark.parametrize("cause", [Paused("paused"), OutboundOff("off")])
def test_a_pause_is_waited_for_without_counting_a_try(cause: Exception) -> None:
    outcome = outcome_of(Finished(Ending.STOPPED, cause=cause), tries=1, since=NOON, now=NOON)

    assert (outcome.state, outcome.uncounted) == (RunState.WAITING, True)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (NotDeterministic("write 2 was POST /a"), "not deterministic"),
        (Undecided("It is not known whether it arrived.", write_id=7), "Decide on that write"),
        (RuntimeError("bug"), "Internal error"),
    ],
)
def test_what_needs_a_person_ends_the_run_with_what_to_do(cause: Exception, said: str) -> None:
    state, note = judged(Finished(Ending.STOPPED, cause=cause))

    assert state == RunState.FAILED
    assert said in note
