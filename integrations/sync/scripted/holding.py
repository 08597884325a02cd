"""The lane of the record that a script writes to: only its holder sends, so a script's run holds it for a moment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from integrations.core import clock
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.sync import jobs
from integrations.sync.models import RecordLane
from integrations.sync.run import Held, Run
from integrations.sync.scripted.asked import Effect, Waiting

LONGEST_WAIT_SECONDS = 2.0
POLL_SECONDS = 0.05
BUSY_FOR = timedelta(seconds=2)


def lane_of(effect: Effect) -> RecordLane:
    """Return the lane of the record that the effect is on; a new one if there is none."""
    lane, _ = RecordLane.objects.get_or_create(
        connection=effect.connection, record_key=effect.record_key[:200], defaults={"subject": effect.subject}
    )
    return lane


@contextmanager
def held(lane: RecordLane) -> Iterator[Run]:
    """Hold the lane while the block sends; what was sent before and is not settled comes first.

    :raises Waiting: if somebody else holds it, or a failure does
    """
    run = Run(claim_of(lane))
    stopped: Held | None = None
    try:
        jobs.settle_lane(run)
        yield run
    except Held as error:
        stopped = error
        raise Waiting(error.note, due_at=error.due_at) from error
    except LeaseLost as error:
        raise busy() from error
    finally:
        jobs.leave_lane(run, stopped)


def claim_of(lane: RecordLane) -> Claim:
    """Take the lane, within two seconds. :raises Waiting:"""
    ends = time.monotonic() + LONGEST_WAIT_SECONDS
    rows = RecordLane.objects.filter(pk=lane.pk)
    while True:
        now, row = clock.now(), rows.get()
        if row.state == WorkState.DUE and row.retry_since and row.due_at > now:
            raise Waiting(f"A failure holds the record's writes: {row.note}", due_at=row.due_at)
        if row.state != WorkState.RUNNING:
            rows.want(now=now)
        if row.state != WorkState.RUNNING or row.due_at <= now:
            claim: Claim | None = RecordLane.objects.claim(lane.pk, now=clock.now())
            if claim is not None:
                return claim
        if time.monotonic() > ends:
            raise busy()
        time.sleep(POLL_SECONDS)


def busy() -> Waiting:
    return Waiting(
        "Another write to this record is at work; it is tried again in a moment.", due_at=clock.now() + BUSY_FOR
    )
