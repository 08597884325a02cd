"""Reading the ledger."""

from typing import Any

from integrations.core.statements import Reading
from integrations.sync.models import RecordLane, RecordWrite
from integrations.sync.plans import Plan, plan_for

BATCH = 100
_OPEN_WRITES = Reading(
    RecordWrite,
    """LEFT JOIN sync_operation operation ON operation.id = t.operation_id
    LEFT JOIN sync_operation lookup ON lookup.id = operation.lookup_id
    WHERE t.lane_id = %s AND t.state IN ('WAITING', 'SENT') AND (t.kind <> 'RAW' OR t.state = 'SENT')
    ORDER BY t.id LIMIT %s""",
    extra={"operation_version": "operation.changed_at", "lookup_version": "lookup.changed_at"},
)


def open_writes(lane: RecordLane) -> list[RecordWrite]:
    """Return the first open writes of a lane in order, each with the versions of its operation and look-up.

    A script's own request is sent by its run alone, which has the secrets; here it is only settled.
    """
    return _OPEN_WRITES.rows(lane.pk, BATCH)


def plan_of(write: RecordWrite) -> Plan:
    """Return the plan of a write that came from `open_writes`."""
    assert write.operation_id is not None  # a script's own request has no plan
    versions: Any = write
    return plan_for(
        write.operation_id, changed_at=versions.operation_version, lookup_changed_at=versions.lookup_version
    )
