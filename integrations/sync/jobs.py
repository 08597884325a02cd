"""The lane of a record: its writes in order, one at a time, each brought as far as it goes now."""

import itertools
import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError

from integrations.core import clock
from integrations.core.errors import AuthFailed, FieldportError, OutboundOff, Paused, PermanentError, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.sync import ledger, selectors
from integrations.sync.attempting import attempt
from integrations.sync.expressions import ExpressionError
from integrations.sync.given import NotKept
from integrations.sync.lookup import Found
from integrations.sync.models import DRAIN_TASK, OPEN_WRITES, RecordLane, RecordWrite, WriteState
from integrations.sync.raw_settling import settle_raw
from integrations.sync.run import Held, Run, SourceGone
from integrations.sync.settling import TRIED_FOR, settle
from integrations.sync.templates import TemplateError

logger = logging.getLogger(__name__)


PAUSED_FOR = timedelta(seconds=30)
FIRST_SECONDS, LONGEST_SECONDS = 5.0, 300.0
_UNCHANGED = (PermanentError, TemplateError, ExpressionError, SourceGone, NotKept)


def run_lane(claim: Claim) -> None:
    """Drain a lane; it ends DONE, or rests until its next write is due. :raises LeaseLost:"""
    run = Run(claim)
    writes = selectors.open_writes(run.lane)
    try:
        for write in writes:
            advance(run, write)
    except Held as held:
        _hold(claim, held)
    else:
        _leave(claim, writes)


def run_lane_to(claim: Claim, write_id: int) -> dict[int, Found]:
    """Drain a lane up to one of its writes, for whoever waits for that; workers go on with the rest.

    Returns what was looked up, by the number of the look-up. :raises LeaseLost:
    """
    run = Run(claim)
    writes = selectors.open_writes(run.lane)
    try:
        for write in itertools.takewhile(lambda write: write.pk <= write_id, writes):
            advance(run, write)
    except Held as held:
        _hold(claim, held)
    else:
        _leave(claim, writes)
    return run.lookups


def settle_lane(run: Run) -> None:
    """Find out about what was sent and is not settled, before something new is sent to the record. :raises Held:"""
    for write in selectors.open_writes(run.lane):
        if write.state == WriteState.SENT:
            advance(run, write)


def leave_lane(run: Run, held: Held | None = None) -> None:
    """Give a lane back that was held for a request of one's own."""
    if held is not None:
        _hold(run.claim, held)
    else:
        _leave(run.claim, selectors.open_writes(run.lane))


def _hold(claim: Claim, held: Held) -> None:
    rows = RecordLane.objects.all()
    put = rows.retry if held.failed else rows.rest
    put(claim, due_at=held.due_at, note=held.note)
    _wake_at(held)


def _wake_at(held: Held) -> None:
    seconds = (held.due_at - clock.now()).total_seconds()
    if seconds <= 60:
        wake(DRAIN_TASK, countdown=max(seconds, 0))


def _leave(claim: Claim, writes: list[RecordWrite]) -> None:
    """End the lane, or let it rest until the first of the writes that wait."""
    waiting = [write for write in writes if write.state in OPEN_WRITES]
    if waiting:
        first = min(waiting, key=lambda write: write.due_at)
        _hold(claim, Held(first.note, due_at=first.due_at))
    elif len(writes) == selectors.BATCH:
        _hold(claim, Held("More writes wait.", due_at=clock.now()))
    else:
        RecordLane.objects.all().finish(claim, state=WorkState.DONE)


def advance(run: Run, write: RecordWrite) -> None:
    """Bring one write on. What fails for good is passed over; what may pass holds the lane. :raises Held:"""
    tries = write.attempts + 1
    try:
        with correlated(write.correlation_id):
            _try(run, write)
    except (Held, LeaseLost, OperationalError, InterfaceError):
        raise
    except (Paused, OutboundOff) as error:
        raise Held(str(error), due_at=run.now + PAUSED_FOR) from error
    except (TransientError, AuthFailed) as error:
        _hold_for(run, write, error, tries=tries)
    except _UNCHANGED as error:
        _pass_over(write, str(error))
    except Exception as error:
        logger.exception("write %s failed inside", write.pk)
        _pass_over(write, f"Internal error, {type(error).__name__}: {error}. The worker's log has more.")


def _try(run: Run, write: RecordWrite) -> None:
    if write.is_raw:
        settle_raw(run, write)
        return
    plan = selectors.plan_of(write)
    if write.state == WriteState.SENT:
        settle(run, write, plan)
    else:
        if run.connection.paused:
            raise Paused(f"The connection {run.connection} is paused; resume it to go on.")
        attempt(run, write, plan)


def _pass_over(write: RecordWrite, note: str) -> None:
    """End a write for good; one that may have left needs a person's eyes."""
    if write.state == WriteState.SENT:
        told = f"It was sent, and could not be settled: {note} Look into the system, then decide."
        ledger.end(write, WriteState.UNSURE, verdict="UNSURE", note=told)
    else:
        ledger.fail(write, note, answer=write.answer)


def _hold_for(run: Run, write: RecordWrite, error: FieldportError, *, tries: int) -> None:
    """Hold the lane with a growing wait; after 72 hours the write is passed over. Credentials are waited for longer."""
    now = run.now
    refused = isinstance(error, AuthFailed)
    if not refused and expired(since=write.first_tried_at, now=now, longest=TRIED_FOR):
        _pass_over(write, f"Tried for 72 hours; the last time: {error}")
        return
    retry_after = getattr(error, "retry_after", None)
    due_at = next_try(now=now, attempts=tries, retry_after=retry_after, first=FIRST_SECONDS, longest=LONGEST_SECONDS)
    note = f"{error} Next try at {due_at:%H:%M:%S} UTC."
    since = write.first_tried_at or now
    ledger.change(write, due_at=due_at, note=note, attempts=tries, first_tried_at=since)
    raise Held(note, due_at=due_at, failed=True) from error
