"""Work orders as facts: plain JSON values that mappings, scripts and pages read."""

from datetime import UTC, datetime
from typing import Any

from integrations.core.platforms import ContextField
from integrations.workorders.models import ExternalId, Join, WorkOrder
from integrations.workorders.values import TEXT_FIELDS

ORDER_FIELDS = (
    ContextField("order.id", "number", "number of the work order in Fieldport"),
    *(ContextField(f"order.{name}", "text", name) for name in TEXT_FIELDS),
    ContextField("order.opened_at", "time", "when it was opened"),
    ContextField("order.resolved_at", "time", "when it was resolved"),
    ContextField("order.closed", "boolean", "whether it is closed"),
    ContextField("order.external_id", "text", "its id in the system of record (the first, if there are several)"),
)
# The slugs of systems of record are the customer's own.
ORDER_OPEN_PATHS = ("order.records",)


def order_facts(work_order: WorkOrder | None) -> dict[str, Any]:
    """Return the `order` of a context; empty texts and nulls where no order is known yet."""
    order = work_order or WorkOrder()
    named = ExternalId.objects.filter(work_order=work_order).order_by("pk") if work_order else ExternalId.objects.none()
    records = dict(named.values_list("system__slug", "external_id"))
    return {
        "id": order.pk,
        **{name: getattr(order, name) for name in TEXT_FIELDS},
        "opened_at": iso(order.opened_at),
        "resolved_at": iso(order.resolved_at),
        "closed": order.closed,
        "external_id": next(iter(records.values()), ""),
        "records": records,
    }


def iso(at: datetime | None) -> str | None:
    """Return a time as contexts write it: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def candidates(join: Join) -> list[WorkOrder]:
    """Return the orders that the key of an unmatched row may mean: those named exactly so, in any system."""
    if not join.key_read:
        return []
    named = WorkOrder.objects.filter(external_ids__external_id=join.key_read, workspace=join.workspace_id)
    return list(named.distinct().order_by("-changed_at")[:20])
