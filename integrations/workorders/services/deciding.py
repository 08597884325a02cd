"""What an operator decides about a fact without a known key."""

from datetime import datetime
from typing import cast

from django.db import transaction

from integrations.core.platforms import context_kind
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.workorders import photos
from integrations.workorders.models import Join, JoinedBy, WorkOrder
from integrations.workorders.naming import records_of
from integrations.workorders.services.joining import Joined


class JoinChanged(Exception):
    """Someone else decided about this row since it was shown; look at it again."""


@transaction.atomic
def assign(join: Join, work_order: WorkOrder, *, by: str, now: datetime) -> Joined:
    """Give a source to a work order and publish it as joined, once however often the button is pressed.

    :raises JoinChanged: if its order is no longer the one that `join` was shown with
    :raises ValueError: if the order belongs to another workspace
    """
    if work_order.workspace_id != join.workspace_id:
        raise ValueError("The work order belongs to another workspace.")
    if lock := context_kind(join.source_type).lock:  # as a read of the source does: first the source, then its join
        lock(join.source_id)
    row = Join.objects.select_for_update().get(pk=join.pk)
    records = records_of(work_order)
    if row.work_order_id == work_order.pk and row.joined_by == JoinedBy.OPERATOR:
        return Joined(work_order, work_order.subject, records)
    if row.work_order_id not in (join.work_order_id, work_order.pk):
        raise JoinChanged
    chosen = {"work_order_id": work_order.pk, "joined_by": JoinedBy.OPERATOR, "decided_by": by[:150]}
    row.save_changes(chosen | {"joined_at": now, "dismissed_at": None, "reason": ""})
    _tell(row, order=work_order, records=records)
    return Joined(work_order, work_order.subject, records, newly=True)


def _tell(row: Join, *, order: WorkOrder, records: dict[str, str]) -> None:
    """Let the platform note the subject, then publish the source as joined and its photos as stored."""
    kind = context_kind(row.source_type)
    if kind.joined:
        kind.joined(row.source_id, order.subject)
    events.publish(
        workspace_id=cast(int, row.workspace_id),  # the stubs take a default for "may be null"
        type=row.joined_event,
        occurred_at=row.occurred_at,
        payload={"records": records, "work_order": order.pk},
        source_type=row.source_type,
        source_id=row.source_id,
        subject=order.subject,
        reason=Reason.OPERATOR,
    )
    photos.follow(row, order=order, reason=Reason.OPERATOR)


@transaction.atomic
def dismiss(join: Join, *, by: str, now: datetime) -> bool:
    """Take a row out of Unmatched for good; False if it was joined or dismissed meanwhile."""
    decision = {"dismissed_at": now, "joined_by": JoinedBy.OPERATOR, "decided_by": by[:150]}
    return Join.objects.unmatched().filter(pk=join.pk).update(**decision) == 1


@transaction.atomic
def restore(join: Join) -> bool:
    """Put a dismissed row back into Unmatched; False if it was not dismissed."""
    dismissed = Join.objects.filter(pk=join.pk, work_order__isnull=True, dismissed_at__isnull=False)
    return dismissed.update(dismissed_at=None, joined_by=JoinedBy.KEY, decided_by="") == 1
