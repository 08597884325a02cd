"""Work orders as their systems of record tell them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.db import transaction

from integrations.connections.models import Connection
from integrations.events import services as events
from integrations.workorders.models import WorkOrder
from integrations.workorders.naming import fault_of, order_called, records_of
from integrations.workorders.values import FIELDS

CREATED, UPDATED = "workorder.created", "workorder.updated"


class Put(NamedTuple):
    """What came of a put. `created`: the first that a system of record told of it (a stub counts as not told)."""

    work_order: WorkOrder
    created: bool
    changed: bool


@transaction.atomic
def put_work_order(*, system: Connection, external_id: str, values: Mapping[str, Any], now: datetime) -> Put:
    """Store what a system of record says of an order; publish it if anything is new. Fields left out stay.

    `values` are of the right types (see `workorders.values`). Safe to repeat, and to call twice at once.
    :raises ValueError: for an external id that cannot be kept, or a field that does not exist
    """
    if fault := fault_of(external_id):
        raise ValueError(fault)
    if unknown := sorted(set(values) - set(FIELDS)):
        raise ValueError(f"A work order has no field {', '.join(unknown)}.")
    order = order_called(external_id, system=system).work_order
    order = WorkOrder.objects.select_for_update().get(pk=order.pk)
    different = {name: value for name, value in values.items() if getattr(order, name) != value}
    created = order.stub
    if not (created or different):
        return Put(order, created=False, changed=False)
    for name, value in (different | {"stub": False, "changed_at": now}).items():
        setattr(order, name, value)
    order.save(update_fields=[*different, "stub", "changed_at"])
    _publish(order, changed=sorted(different), created=created, now=now)
    return Put(order, created=created, changed=True)


def _publish(order: WorkOrder, *, changed: list[str], created: bool, now: datetime) -> None:
    events.publish(
        workspace_id=cast(int, order.workspace_id),  # the stubs take a default for "may be null"
        type=CREATED if created else UPDATED,
        occurred_at=now,
        payload={"records": records_of(order), "work_order": order.pk, "status": order.status, "changed": changed},
        source_type="workorder",
        source_id=str(order.pk),
        subject=order.subject,
    )
