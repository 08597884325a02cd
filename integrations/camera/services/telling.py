"""The camera's facts as events, in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from integrations.camera.models import ITEM_SOURCE, ORDER_SOURCE, FieldOrder, WorkItem
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.workorders.models import WorkOrder
from integrations.workorders.services import records_of

RECEIVED = "camera.input.received"
FINISHED = "camera.analysis.finished"
CORRECTED = "camera.item.corrected"
REPORTED = "camera.issue.reported"
ABANDONED = "camera.visit.abandoned"


def tell_of_item(
    item: WorkItem, type: str, *, told: Mapping[str, Any], occurred_at: datetime, reason: str = Reason.LIVE
) -> None:
    """Publish what happened to an item; its order has been read under its lock."""
    order = item.order
    named = {"item": str(item.uuid), "status": item.status, "score": item.score, **told}
    _publish(order, type, ITEM_SOURCE, item.pk, named, occurred_at=occurred_at, reason=reason)


def tell_of_order(
    order: FieldOrder,
    type: str,
    *,
    occurred_at: datetime,
    told: Mapping[str, Any] | None = None,
    records: Mapping[str, str] | None = None,
) -> None:
    _publish(order, type, ORDER_SOURCE, order.pk, dict(told or {}), occurred_at=occurred_at, records=records)


def _publish(
    order: FieldOrder,
    type: str,
    source_type: str,
    source_id: int,
    told: dict[str, Any],
    *,
    occurred_at: datetime,
    reason: str = Reason.LIVE,
    records: Mapping[str, str] | None = None,
) -> None:
    work_order_id = work_order_of(order.subject)
    if records is None:
        records = records_of(WorkOrder(pk=work_order_id)) if work_order_id else {}
    events.publish(
        workspace_id=cast(int, order.site.workspace_id),  # the stubs take a default for "may be null"
        type=type,
        occurred_at=occurred_at,
        payload={"records": dict(records), "work_order": work_order_id, "order": str(order.uuid), **told},
        source_type=source_type,
        source_id=str(source_id),
        subject=order.subject,
        reason=reason,
    )


def work_order_of(subject: str) -> int | None:
    """Return the number of the work order that a subject is."""
    kind, _, pk = subject.partition("/")
    return int(pk) if kind == "workorder" else None
