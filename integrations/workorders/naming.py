"""What systems of record call a work order, and the order behind such a name."""

from dataclasses import dataclass

from django.db import connection, transaction

from integrations.connections.models import Connection
from integrations.core.inserting import insert
from integrations.core.statements import Reading
from integrations.workorders.models import ExternalId, WorkOrder

LONGEST_EXTERNAL_ID = 200
RECORDS = "SELECT system_id, external_id FROM workorders_externalid WHERE work_order_id = %s"
CALLED = Reading(
    WorkOrder, "JOIN workorders_externalid e ON e.work_order_id = t.id WHERE e.system_id = %s AND e.external_id = %s"
)


@dataclass(frozen=True)
class Named:
    """A work order under its external id; `created`: the name was not known before."""

    work_order: WorkOrder
    created: bool


def fault_of(external_id: str) -> str:
    """Return why this cannot be an external id, as a sentence; empty if it can."""
    if not external_id:
        return "The external id is empty."
    if len(external_id) > LONGEST_EXTERNAL_ID:
        return f"The external id has {len(external_id)} characters; at most {LONGEST_EXTERNAL_ID} can be kept."
    if external_id != external_id.strip():
        return "The external id starts or ends with a space."
    if not external_id.isprintable():
        return "The external id holds characters that cannot be printed."
    return ""


def records_of(work_order: WorkOrder) -> dict[str, str]:
    """Return what each system of record calls the order: connection id as text → external id."""
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, (work_order.pk,))
        return {str(system_id): external_id for system_id, external_id in cursor.fetchall()}


def order_called(external_id: str, *, system: Connection) -> Named:
    """Return the order of this name; an unknown name makes a stub. Two callers at once get the same order."""
    if known := CALLED.rows(system.pk, external_id):
        return Named(known[0], created=False)
    with transaction.atomic(savepoint=False):
        order = WorkOrder(workspace_id=system.workspace_id, stub=True)
        insert(order)
        if insert(ExternalId(work_order=order, system=system, external_id=external_id)):
            return Named(order, created=True)
        order.delete()  # someone else named it first, and has committed
    return Named(CALLED.rows(system.pk, external_id)[0], created=False)
