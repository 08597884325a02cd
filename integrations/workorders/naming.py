"""What systems of record call a work order, and the order behind such a name."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from integrations.connections.models import Connection
from integrations.workorders.models import ExternalId, WorkOrder

LONGEST_EXTERNAL_ID = 200


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
    names = ExternalId.objects.filter(work_order=work_order).values_list("system_id", "external_id")
    return {str(system_id): external_id for system_id, external_id in names}


def order_called(external_id: str, *, system: Connection) -> Named:
    """Return the order of this name; an unknown name makes a stub. Two callers at once get the same order."""
    known = ExternalId.objects.select_related("work_order").filter(system=system, external_id=external_id)
    if name := known.first():
        return Named(name.work_order, created=False)
    try:
        with transaction.atomic():
            order = WorkOrder.objects.create(workspace_id=system.workspace_id, stub=True)
            ExternalId.objects.create(work_order=order, system=system, external_id=external_id)
    except IntegrityError:
        # Someone else named it first, and has committed: the savepoint took our order away again.
        return Named(known.get().work_order, created=False)
    return Named(order, created=True)
