"""Changes of a write's row. Each is one conditional statement: who lost the lane meanwhile changes nothing."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.core import statements
from integrations.core.work import LeaseLost
from integrations.sync.messages import storable
from integrations.sync.models import RecordWrite, Verdict, WriteState


def change(write: RecordWrite, **values: Any) -> None:
    """Save values, provided that the row is as we know it. :raises LeaseLost: if someone else went on with it"""
    as_known = {"id": write.pk, "state": write.state, "sends": write.sends}
    if statements.update(RecordWrite, where=as_known, values=values) != 1:
        raise LeaseLost
    for name, value in values.items():
        setattr(write, name, value)


def intend(write: RecordWrite, *, now: datetime, settle: timedelta, **values: Any) -> None:
    """Note, before the request leaves, that it may have left. If nobody comes back, it is settled after `due_at`."""
    change(
        write,
        state=WriteState.SENT,
        verdict="",
        sends=write.sends + 1,
        attempts=write.attempts + 1,
        sent_at=now,
        due_at=now + settle,
        first_tried_at=write.first_tried_at or now,
        answer_status=None,
        answer="",
        **values,
    )


def wait(write: RecordWrite, *, due_at: datetime, note: str, now: datetime, **values: Any) -> None:
    """Let the write wait for its next try; `attempts` counts this one."""
    change(
        write,
        state=WriteState.WAITING,
        due_at=due_at,
        note=note,
        attempts=write.attempts + 1,
        first_tried_at=write.first_tried_at or now,
        **values,
    )


def take_back(write: RecordWrite, *, note: str) -> None:
    """Undo an intent of which nothing left."""
    change(write, state=WriteState.WAITING, due_at=timezone.now(), note=note, sends=write.sends - 1)


def unsettled(write: RecordWrite, *, due_at: datetime, note: str, **values: Any) -> None:
    """Keep the write as sent, to be looked at again at `due_at`."""
    change(write, due_at=due_at, note=note, **values)


def end(write: RecordWrite, state: WriteState, *, note: str, verdict: Verdict | str = "", **values: Any) -> None:
    """End the write with a sentence for a person."""
    if "read_back" in values:
        values["read_back"] = storable(values["read_back"])
    change(write, state=state, verdict=verdict, note=note, ended_at=timezone.now(), **values)


def skip(write: RecordWrite, note: str, **values: Any) -> None:
    """End a write that is not sent. Its content does not count for those to come."""
    end(write, WriteState.SKIPPED, note=note, content_hash="", **values)


def skip_as_equal(write: RecordWrite, note: str, *, content_hash: str, generation: int) -> None:
    """End a write whose content is on the record already; later ones of its source are compared with it."""
    end(write, WriteState.SKIPPED, note=note, content_hash=content_hash, generation=generation)


def fail(write: RecordWrite, note: str, **values: Any) -> None:
    end(write, WriteState.FAILED, note=note, **values)
