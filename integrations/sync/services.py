"""What an operator, or an app above, can ask of writes: try again, decide, choose a record, replay, explain."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import Q

from integrations.core.wake import wake
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.sync.explaining import explain
from integrations.sync.guarantee import guarantee_of
from integrations.sync.models import (
    DRAIN_TASK,
    RecordLane,
    RecordWrite,
    RecordWriteQuerySet,
    Verdict,
    WriteKind,
    WriteState,
)
from integrations.sync.origins import resume
from integrations.workorders.models import Join, Photo, WorkOrder
from integrations.workorders.naming import records_of

__all__ = [
    "NotUndecided",
    "choose_record",
    "explain",
    "give_up",
    "guarantee_of",
    "mark_as_done",
    "replay",
    "retry",
    "send_again",
]

BATCH = 200
# What may be tried again on request: all that ended, save what is known to be there. A script's own request that was
# answered is left alone too: its run has had the answer, and would not send it again.
_RETRYABLE = Q(state__in=(WriteState.FAILED, WriteState.SKIPPED)) | Q(
    kind=WriteKind.OPERATION,
    state=WriteState.DONE,
    verdict__in=(Verdict.DRIFTED, Verdict.CAPTURED, Verdict.UNVERIFIED),
)


class NotUndecided(Exception):
    """The write does not wait for a decision (any more); look at it again."""


def retry(writes: RecordWriteQuerySet, *, by: str, now: datetime) -> int:
    """Try ended writes again, with the source's current content, also what is old, equal or closed; return how many.

    What is confirmed is left alone, and so is what waits for a decision. Runs of scripts go on with theirs.
    """
    pks = list(writes.filter(_RETRYABLE).order_by("pk").values_list("pk", "lane_id", "origin"))
    done = 0
    for first in range(0, len(pks), BATCH):
        batch = pks[first : first + BATCH]
        rows = RecordWrite.objects.filter(_RETRYABLE, pk__in=[pk for pk, _, _ in batch])
        with transaction.atomic():
            done += _open_again(rows, by=by, now=now, content_hash="")
            _resume({origin for _, _, origin in batch})
            _want({lane for _, lane, _ in batch}, now=now)
    return done


@transaction.atomic
def mark_as_done(write: RecordWrite, *, by: str, now: datetime) -> None:
    """An operator looked: the effect is there. :raises NotUndecided:"""
    note = f"{by} looked into the system and marked it as done."
    values = {"state": WriteState.DONE, "verdict": Verdict.UNVERIFIED, "note": note, "ended_at": now}
    _decide(write, by=by, now=now, **values)


@transaction.atomic
def give_up(write: RecordWrite, *, by: str, now: datetime) -> None:
    """An operator decided that it is not to be written. :raises NotUndecided:"""
    note = f"{by} decided not to write it."
    dropped = {"state": WriteState.SKIPPED, "verdict": "", "content_hash": ""}
    _decide(write, by=by, now=now, note=note, ended_at=now, **dropped)


@transaction.atomic
def send_again(write: RecordWrite, *, by: str, now: datetime) -> None:
    """An operator looked: the effect is not there, so send it, with the same key. :raises NotUndecided:"""
    rows = RecordWrite.objects.filter(pk=write.pk, state=WriteState.UNSURE)
    if not _open_again(rows, by=by, now=now):
        raise NotUndecided
    _resume({write.origin})
    _want({write.lane_id}, now=now)


@transaction.atomic
def choose_record(write: RecordWrite, record_id: str, *, by: str, now: datetime) -> int:
    """Say which of several records is meant, for all writes of this lane that ask the same; return how many go on.

    :raises NotUndecided: if the write does not ask
    :raises ValueError: if it is not one of its candidates
    """
    lookup_id = write.operation.lookup_id if write.operation else None
    if write.state != WriteState.UNSURE or not write.candidates or lookup_id is None:
        raise NotUndecided
    if record_id not in [each["id"] for each in write.candidates]:
        raise ValueError(f"“{record_id}” is not one of the records that were found.")
    lane = RecordLane.objects.select_for_update().get(pk=write.lane_id)
    lane.choices[str(lookup_id)] = record_id
    lane.save(update_fields=["choices"])
    asking = RecordWrite.objects.filter(lane=lane, operation__lookup=lookup_id, candidates__isnull=False)
    rows = RecordWrite.objects.filter(pk__in=list(asking.values_list("pk", flat=True)), state=WriteState.UNSURE)
    origins = set(rows.values_list("origin", flat=True))
    count = _open_again(rows, by=by, now=now, candidates=None)
    _resume(origins)
    _want({lane.pk}, now=now)
    return count


@transaction.atomic
def replay(work_order: WorkOrder) -> int:
    """Publish every fact of a work order again, old ones too; return how many. The ledger folds what is identical."""
    records = records_of(work_order)
    facts = [*_joined(work_order), *_photos(work_order)]
    for type_, source_type, source_id, occurred_at in facts:
        events.publish(
            workspace_id=cast(int, work_order.workspace_id),  # the stubs take a default for "may be null"
            type=type_,
            occurred_at=occurred_at,
            payload={"records": records, "work_order": work_order.pk},
            source_type=source_type,
            source_id=source_id,
            subject=work_order.subject,
            reason=Reason.REPLAY,
        )
    return len(facts)


Fact = tuple[str, str, str, datetime]


def _joined(work_order: WorkOrder) -> Iterable[Fact]:
    for join in Join.objects.filter(work_order=work_order).exclude(joined_event="").order_by("occurred_at", "pk"):
        yield join.joined_event, join.source_type, join.source_id, join.occurred_at


def _photos(work_order: WorkOrder) -> Iterable[Fact]:
    for photo in Photo.objects.filter(work_order=work_order).order_by("pk"):
        yield "photo.stored", "photo", str(photo.pk), photo.taken_at or photo.created_at


def _decide(write: RecordWrite, *, by: str, now: datetime, **values: Any) -> None:
    undecided = RecordWrite.objects.filter(pk=write.pk, state=WriteState.UNSURE)
    if not undecided.update(decided_by=by[:150], **values):
        raise NotUndecided
    _resume({write.origin})
    _want({write.lane_id}, now=now)


def _open_again(rows: RecordWriteQuerySet, *, by: str, now: datetime, **values: Any) -> int:
    again: dict[str, Any] = {"state": WriteState.WAITING, "verdict": "", "note": f"Asked for by {by}."}
    again |= {"reason": Reason.OPERATOR, "decided_by": by[:150], "due_at": now, "ended_at": None}
    return rows.update(**again, attempts=0, first_tried_at=None, **values)


def _resume(origins: set[str]) -> None:
    """Let the runs of scripts go on that asked for decided writes."""
    for origin in sorted(origins - {""}):
        resume(origin)


def _want(lanes: set[int], *, now: datetime) -> None:
    """Ask for each lane by a statement of its own: many at once could wait for each other."""
    for lane in sorted(lanes):
        RecordLane.objects.filter(pk=lane).want(now=now)
    wake(DRAIN_TASK)
