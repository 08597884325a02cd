"""Events become runs: one for each script that wants the event, or one for a batch of them.

Only values that the events carry are used here; the script's condition is evaluated in its run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integrations.core import clock
from integrations.core.wake import wake
from integrations.events.models import Event
from integrations.scripts.models import (
    DRAIN_TASK,
    BatchBy,
    RunEvent,
    Script,
    ScriptLane,
    ScriptRun,
    Trigger,
)
from integrations.scripts.starting import lanes_called, run_of

LaneName = tuple[int, str]


@dataclass(frozen=True)
class _Wanting:
    """A script, as far as the sink needs it."""

    pk: int
    workspace_id: int
    event_types: frozenset[str]
    batch_size: int
    batch_minutes: float
    batch_by: str

    @property
    def collects(self) -> bool:
        return self.batch_size > 1

    def wants(self, event: Event) -> bool:
        return event.workspace_id == self.workspace_id and event.type in self.event_types

    def lane_key(self, event: Event) -> str:
        source = f"{event.source_type}/{event.source_id}"
        if not self.collects:
            return event.subject or source
        keys = {BatchBy.SCRIPT: "all", BatchBy.SUBJECT: event.subject or source, BatchBy.SOURCE: source}
        return f"batch:{keys[BatchBy(self.batch_by)]}"


def answer(events: Sequence[Event]) -> None:
    """Insert the runs that these events ask for, inside the sequencer's transaction; wake the workers after it."""
    scripts = list(_scripts())
    pairs = [(event, script) for event in events for script in scripts if script.wants(event)]
    if not pairs:
        return
    now = clock.now()
    lanes = lanes_called({(script.pk, script.lane_key(event)) for event, script in pairs})
    single = []
    for event, script in pairs:
        lane_id = lanes[script.pk, script.lane_key(event)]
        if script.collects:
            _collect(event, script, lane_id, now=now)
        else:
            single.append(run_of(event, script_id=script.pk, lane_id=lane_id))
    ScriptRun.objects.bulk_create(single, ignore_conflicts=True)
    ScriptLane.objects.filter(pk__in=lanes.values()).want(now=now)
    wake(DRAIN_TASK)


def _scripts() -> Iterator[_Wanting]:
    rows = Script.objects.filter(enabled=True, active_version__isnull=False).order_by("pk")
    columns = ("pk", "workspace_id", "event_types", "batch_size", "batch_minutes", "batch_by")
    for pk, workspace_id, types, size, minutes, by in rows.values_list(*columns):
        yield _Wanting(pk, workspace_id, _names(types), size, minutes, by)


def _names(types: Any) -> frozenset[str]:
    """What a user configured must not stop the sequencer: what is no list of names wants no event."""
    return frozenset(map(str, types)) if isinstance(types, list) else frozenset()


def _collect(event: Event, script: _Wanting, lane_id: int, *, now: datetime) -> None:
    """Add the event to the batch that its lane collects, or open one; a full batch is due."""
    open_ = ScriptRun.objects.select_for_update().filter(lane=lane_id, collecting=True, state="WAITING")
    run = open_.order_by("-id").first()
    if run is None:
        due_at = now + timedelta(minutes=script.batch_minutes)
        values = {"trigger": Trigger.BATCH, "event_id": None, "collecting": True, "collected": 0, "due_at": due_at}
        run = run_of(event, script_id=script.pk, lane_id=lane_id, **values)
        run.save()
    RunEvent.objects.create(run=run, event_id=event.pk)
    run.collected += 1
    if run.collected >= script.batch_size:
        run.collecting, run.due_at = False, now
    run.save(update_fields=["collected", "collecting", "due_at"])
