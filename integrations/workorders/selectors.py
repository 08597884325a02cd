"""Work orders as facts: plain JSON values that mappings, scripts and pages read."""

from datetime import UTC, datetime
from typing import Any

from integrations.core.platforms import ContextField
from integrations.core.statements import Reading
from integrations.workorders.models import Join, WorkOrder
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
# An order, once for each system that knows it.
_ORDERS = Reading(
    WorkOrder,
    """LEFT JOIN workorders_externalid named ON named.work_order_id = t.id
    LEFT JOIN connections_connection system_ ON system_.id = named.system_id WHERE t.id = %s ORDER BY named.id""",
    extra={"record_system": "system_.slug", "record_id": "named.external_id"},
)


def order_facts(work_order: WorkOrder | None) -> dict[str, Any]:
    """Return the `order` of a context; empty texts and nulls where no order is known yet."""
    return facts_of_order(work_order.pk) if work_order else _facts(WorkOrder(), {})


def facts_of_order(pk: int) -> dict[str, Any]:
    """Return the `order` of a context, read by its number in one statement; as of no order if there is none."""
    rows: list[Any] = _ORDERS.rows(pk)
    if not rows:
        return _facts(WorkOrder(), {})
    return _facts(rows[0], {row.record_system: row.record_id for row in rows if row.record_system})


def _facts(order: WorkOrder, records: dict[str, str]) -> dict[str, Any]:
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
