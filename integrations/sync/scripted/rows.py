"""The rows of the ledger that a run asked for, and those of the same effect that others did."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from integrations.core.ids import current_correlation_id
from integrations.sync.models import RecordLane, RecordWrite, RecordWriteQuerySet, Verdict, WriteKind, WriteState
from integrations.sync.scripted.asked import Effect, NotDeterministic
from integrations.sync.scripted.holding import busy

_NEVER_APPLIED = (WriteState.FAILED, WriteState.SKIPPED)


def own_row(effect: Effect, *, arguments_hash: str) -> RecordWrite | None:
    """Return the row of this write in this run; None if it was not asked for yet.

    A write with a key of its own is found by that, wherever the script's order has put it this time.

    :raises NotDeterministic:
    """
    mine = RecordWrite.objects.of_origin(effect.origin).select_related("lane", "operation")
    rows = list(mine.filter(Q(name=effect.name) | Q(ordinal=effect.ordinal)).order_by("ordinal"))
    row = next((row for row in rows if row.name == effect.name), rows[0] if rows else None)
    if row is None:
        return None
    if row.name != effect.name or row.arguments_hash != arguments_hash:
        raise NotDeterministic(
            f"The script is not deterministic: in an earlier try of this run, write {effect.ordinal} was “{row.name}” "
            f"({_told(row)}), and now “{effect.name}” asks for something else. A run that is tried again must ask "
            "for the same writes in the same order, or name them by keys."
        )
    return row


def _told(row: RecordWrite) -> str:
    request = row.request or {}
    return f"{request.get('method', '')} {request.get('path', '')}".strip() or row.called


def insert(effect: Effect, lane: RecordLane, **values: Any) -> RecordWrite:
    """:raises Waiting: if another try of the same run has just done so"""
    try:
        with transaction.atomic():
            return RecordWrite.objects.create(
                lane=lane,
                origin=effect.origin,
                ordinal=effect.ordinal,
                name=effect.name[:255],
                event_id=effect.event_id,
                event_type=effect.event_type,
                reason=effect.reason,
                source_type=effect.source_type,
                source_id=effect.source_id,
                subject=effect.subject,
                occurred_at=effect.occurred_at,
                correlation_id=current_correlation_id()[:40],
                **values,
            )
    except IntegrityError as error:
        raise busy() from error


def same_effect(effect: Effect, lane: RecordLane) -> RecordWriteQuerySet:
    """Return the requests of this effect, of all runs."""
    return RecordWrite.objects.filter(
        lane=lane,
        kind=WriteKind.RAW,
        operation__isnull=True,
        source_type=effect.source_type,
        source_id=effect.source_id,
        name=effect.name,
        generation__isnull=False,
    )


def newest_that_counts(effect: Effect, lane: RecordLane) -> RecordWrite | None:
    """Return the last request of this effect that was carried out, or may have been."""
    rows = same_effect(effect, lane).exclude(state__in=_NEVER_APPLIED).exclude(verdict=Verdict.CAPTURED)
    return rows.order_by("-generation").first()


def next_generation(effect: Effect, lane: RecordLane) -> int:
    newest: int | None = same_effect(effect, lane).aggregate(newest=Max("generation"))["newest"]
    return (newest or 0) + 1


def was_gone_on_after(row: RecordWrite) -> bool:
    """Whether the script asked for more after this write: then it knew what became of it, and goes the same way."""
    return RecordWrite.objects.of_origin(row.origin).filter(ordinal__gt=row.ordinal).exists()
