"""What becomes of a run after a try: the one place that decides between done, again and never."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.core.errors import OutboundOff, Paused
from integrations.core.retry import next_try
from integrations.scripts.models import RunState
from integrations.scripts.sandbox import Ending, Finished
from integrations.sync.scripted import NotDeterministic, Undecided, Waiting

MOST_TRIES = 8
MOST_BROKEN = 3
TRIED_FOR = timedelta(hours=72)
FIRST_SECONDS, LONGEST_SECONDS = 5.0, 600.0
PAUSED_FOR = timedelta(seconds=30)


@dataclass(frozen=True)
class Outcome:
    """`state` WAITING: again at `due_at`, counted as a try unless `uncounted`. `keeps`: ctx.store changes commit."""

    state: RunState
    note: str
    due_at: datetime | None = None
    uncounted: bool = False
    keeps: bool = False


def outcome_of(finished: Finished, *, tries: int, since: datetime, now: datetime) -> Outcome:
    """Judge a try. `tries`: how many there were, this one included; `since`: when the first began."""
    made = {
        Ending.RETURNED: lambda: Outcome(RunState.DONE, "Returned.", keeps=True),
        Ending.SKIPPED: lambda: Outcome(RunState.SKIPPED, f"The script skipped it: {_said(finished)}", keeps=True),
        Ending.FAILED: lambda: _failed(f"The script gave up: {_said(finished)}"),
        Ending.RETRY: lambda: _asked_again(finished, tries=tries, since=since, now=now),
        Ending.THREW: lambda: _threw(finished, tries=tries, now=now),
        Ending.LIMIT: lambda: _limit(finished, tries=tries, now=now),
        Ending.BROKEN: lambda: _broken(finished, tries=tries, now=now),
        Ending.STOPPED: lambda: _stopped(finished, now=now),
    }
    return made[finished.ending]()


def _said(finished: Finished) -> str:
    return finished.note or "it gave no reason."


def _failed(note: str) -> Outcome:
    return Outcome(RunState.FAILED, f"{note} Correct the script or its data, then replay the run.")


def _again(note: str, *, tries: int, now: datetime, after: float | None = None) -> Outcome:
    due_at = next_try(now=now, attempts=tries, retry_after=after, first=FIRST_SECONDS, longest=LONGEST_SECONDS)
    return Outcome(RunState.WAITING, f"{note} Next try at {due_at:%H:%M:%S} UTC.", due_at)


def _asked_again(finished: Finished, *, tries: int, since: datetime, now: datetime) -> Outcome:
    """`ctx.retry`: the script says when; bounded by age alone."""
    if now - since > TRIED_FOR:
        return _failed(f"It asked to be tried again for 72 hours; the last time: {_said(finished)}")
    after = finished.retry_after
    return _again(f"The script asks to be tried again: {_said(finished)}", tries=tries, now=now, after=after)


def _threw(finished: Finished, *, tries: int, now: datetime) -> Outcome:
    error = finished.error
    where = f" (line {error.line})" if error and error.line else ""
    said = f"{error.name if error else 'Error'}{where}: {_said(finished)}"
    if error and error.permanent:
        return _failed(said)
    if tries >= MOST_TRIES:
        return _failed(f"Tried {tries} times; the last time: {said}")
    return _again(said, tries=tries, now=now, after=finished.retry_after)


def _limit(finished: Finished, *, tries: int, now: datetime) -> Outcome:
    note = f"Stopped at its {finished.limit} limit. {finished.note}".strip()
    if finished.limit == "wall" and tries < MOST_BROKEN:
        return _again(note, tries=tries, now=now)
    return _failed(note)


def _broken(finished: Finished, *, tries: int, now: datetime) -> Outcome:
    note = f"The sandbox broke: {_said(finished)}"
    return _again(note, tries=tries, now=now) if tries < MOST_BROKEN else _failed(note)


def _stopped(finished: Finished, *, now: datetime) -> Outcome:
    """The house stopped the try: a write is not settled, a person must decide, or nothing may leave for now."""
    cause: Any = finished.cause
    if isinstance(cause, Waiting):
        return Outcome(RunState.WAITING, str(cause), max(cause.due_at, now), uncounted=True)
    if isinstance(cause, Paused | OutboundOff):
        return Outcome(RunState.WAITING, str(cause), now + PAUSED_FOR, uncounted=True)
    if isinstance(cause, NotDeterministic):
        return _failed(f"The script is not deterministic: {cause}")
    if isinstance(cause, Undecided):
        return Outcome(RunState.FAILED, f"{cause} Decide on that write, then replay the run.")
    return _failed(f"Internal error, {type(cause).__name__}: {cause}.")
