"""Writing into systems of record: what to do, on which record, in which order, and the ledger of what was done."""

from integrations.sync.choices import (
    FieldType,
    KeyPlace,
    OperationKind,
    Protocol,
    Verdict,
    WhenUnsure,
    WriteKind,
    WriteState,
)
from integrations.sync.models.operations import FieldMapping, Operation
from integrations.sync.models.writes import (
    OPEN_WRITES,
    RecordLane,
    RecordLaneQuerySet,
    RecordWrite,
    RecordWriteQuerySet,
)

__all__ = [
    "DRAIN_TASK",
    "OPEN_WRITES",
    "FieldMapping",
    "FieldType",
    "KeyPlace",
    "Operation",
    "OperationKind",
    "Protocol",
    "RecordLane",
    "RecordLaneQuerySet",
    "RecordWrite",
    "RecordWriteQuerySet",
    "Verdict",
    "WhenUnsure",
    "WriteKind",
    "WriteState",
]

DRAIN_TASK = "sync.drain"
