"""What is asked for: by the clock, once however many workers look; and stopped by a person. For rows of any app."""

from datetime import datetime
from typing import Any

from integrations.core import clock, cron
from integrations.core.work import OPEN_STATES, Claim, Work, WorkState


def take_turn(row: Any, *, now: datetime) -> bool:
    """Note when a row with `cron`, `time_zone` and `next_at` comes next.

    False if it is not due yet (it had no time so far), or another worker was first.
    """
    following = cron.next_times(row.cron, zone=row.time_zone, after=now)[0]
    as_known = type(row)._default_manager.filter(pk=row.pk, next_at=row.next_at)
    return bool(as_known.update(next_at=following)) and row.next_at is not None


def stop(row: Work, *, by: str) -> None:
    """Let work with `stopped_by` end after the piece at hand, or at once if none is; what was done stays."""
    rows: Any = type(row)._default_manager.filter(pk=row.pk)
    rows.filter(state__in=OPEN_STATES).update(stopped_by=by)
    waiting = rows.filter(state=WorkState.DUE)
    waiting.update(state=WorkState.SKIPPED, note=_note(by), finished_at=clock.now())


def was_stopped(claim: Claim) -> bool:
    """Say whether a person stopped the work meanwhile; it has ended then."""
    rows: Any = type(claim.row)._default_manager
    by = rows.values_list("stopped_by", flat=True).get(pk=claim.pk)
    if by:
        rows.finish(claim, state=WorkState.SKIPPED, note=_note(by))
    return bool(by)


def _note(by: str) -> str:
    return f"Stopped by {by}."
