"""Reading the ledger."""

from typing import Any

from django.db.models import F

from integrations.sync.models import RecordLane, RecordWrite
from integrations.sync.plans import Plan, plan_for

BATCH = 100


def open_writes(lane: RecordLane) -> list[RecordWrite]:
    """Return the first open writes of a lane in order, each with the versions of its operation and look-up."""
    versions: dict[str, Any] = {
        "operation_version": F("operation__changed_at"),
        "lookup_version": F("operation__lookup__changed_at"),
    }
    return list(RecordWrite.objects.open().filter(lane=lane).annotate(**versions).order_by("id")[:BATCH])


def plan_of(write: RecordWrite) -> Plan:
    """Return the plan of a write that came from `open_writes`."""
    versions: Any = write
    return plan_for(
        write.operation_id, changed_at=versions.operation_version, lookup_changed_at=versions.lookup_version
    )
