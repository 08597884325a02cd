"""Events become writes: one row for each operation that wants the event and each record it concerns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.core import clock
from integrations.core.wake import wake
from integrations.events.models import Event
from integrations.sync.models import DRAIN_TASK, Operation, OperationKind, RecordLane, RecordWrite, WriteState

LaneName = tuple[int, str]
LONGEST_KEY, LONGEST_ID = 200, 18


@dataclass(frozen=True)
class _Wanting:
    """An operation, as far as the sink needs it."""

    pk: int
    connection_id: int
    source_type: str
    event_types: tuple[str, ...]
    workspace_id: int

    def wants(self, event: Event) -> bool:
        if self.source_type != event.source_type or self.workspace_id != event.workspace_id:
            return False
        return not self.event_types or event.type in self.event_types


def answer(events: Sequence[Event]) -> None:
    """Insert the writes that these events ask for, inside the sequencer's transaction; wake the workers after it."""
    wanted = list(_pairs(events))
    named = {(operation.connection_id, key) for _, operation, key in wanted}
    told = set(_told_of(events))
    lanes = _lanes(named)
    RecordWrite.objects.bulk_create(
        (_write(event, operation, lanes[operation.connection_id, key]) for event, operation, key in wanted),
        ignore_conflicts=True,
    )
    now = clock.now()
    pks = set(lanes.values()) | _waiting_for(told)
    if pks:
        RecordWrite.objects.filter(lane__in=_waiting_for(told), state=WriteState.WAITING).update(due_at=now)
        RecordLane.objects.filter(pk__in=pks).want(now=now)
        wake(DRAIN_TASK)


def _pairs(events: Sequence[Event]) -> Iterator[tuple[Event, _Wanting, str]]:
    operations = list(_operations({event.source_type for event in events if _records(event)}))
    for event in events:
        for operation in operations:
            key = str(_records(event).get(str(operation.connection_id)) or "")
            if key and len(key) <= LONGEST_KEY and operation.wants(event):
                yield event, operation, key


def _operations(source_types: set[str]) -> Iterator[_Wanting]:
    if not source_types:
        return
    rows = Operation.objects.filter(enabled=True, source_type__in=source_types).exclude(kind=OperationKind.LOOKUP)
    columns = ("pk", "connection_id", "source_type", "event_types", "connection__workspace_id")
    for pk, connection_id, source_type, event_types, workspace_id in rows.order_by("pk").values_list(*columns):
        yield _Wanting(pk, connection_id, source_type, _names(event_types), workspace_id)


def _names(event_types: Any) -> tuple[str, ...]:
    """What a user configured must not stop the sequencer: what is no list of names wants no event."""
    return tuple(map(str, event_types)) if isinstance(event_types, list) else ("",)


def _records(event: Event) -> dict[str, Any]:
    records = event.payload.get("records") if isinstance(event.payload, dict) else None
    return records if isinstance(records, dict) else {}


def _told_of(events: Iterable[Event]) -> Iterator[LaneName]:
    """Yield the records that a system of record has just told us of: who waits for one may look again."""
    for event in events:
        if event.type.startswith("workorder."):
            for connection_id, key in _records(event).items():
                if connection_id.isdecimal() and len(connection_id) < LONGEST_ID:
                    yield int(connection_id), str(key)


def _lanes(named: set[LaneName]) -> dict[LaneName, int]:
    if not named:
        return {}
    rows = [RecordLane(connection_id=connection_id, record_key=key) for connection_id, key in sorted(named)]
    RecordLane.objects.bulk_create(rows, ignore_conflicts=True)
    found = RecordLane.objects.filter(
        connection__in={connection_id for connection_id, _ in named}, record_key__in={key for _, key in named}
    )
    kept = {(lane[1], lane[2]): lane[0] for lane in found.values_list("pk", "connection_id", "record_key")}
    return {name: kept[name] for name in named}


def _waiting_for(told: set[LaneName]) -> set[int]:
    if not told:
        return set()
    rows = RecordLane.objects.filter(
        connection__in={each[0] for each in told}, record_key__in={each[1] for each in told}
    )
    waiting = rows.filter(writes__state=WriteState.WAITING).distinct()
    return {pk for pk, system, key in waiting.values_list("pk", "connection_id", "record_key") if (system, key) in told}


def _write(event: Event, operation: _Wanting, lane_id: int) -> RecordWrite:
    return RecordWrite(
        lane_id=lane_id,
        operation_id=operation.pk,
        event_id=event.pk,
        event_type=event.type,
        reason=event.reason,
        source_type=event.source_type,
        source_id=event.source_id,
        occurred_at=event.occurred_at,
        subject=event.subject,
        correlation_id=event.correlation_id,
    )
