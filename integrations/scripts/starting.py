"""Rows of runs that begin: their lanes, and what a run takes over from its event."""

from collections.abc import Iterable
from typing import Any

from integrations.events.models import Event
from integrations.scripts.models import ScriptLane, ScriptRun, Trigger

LaneName = tuple[int, str]


def lanes_called(names: Iterable[LaneName]) -> dict[LaneName, int]:
    """Return the lanes of these scripts and keys, made where they are missing."""
    wanted = sorted(set(names))
    rows = [ScriptLane(script_id=script, key=key[:200]) for script, key in wanted]
    ScriptLane.objects.bulk_create(rows, ignore_conflicts=True)
    found = ScriptLane.objects.filter(
        script__in={script for script, _ in wanted}, key__in={key[:200] for _, key in wanted}
    )
    kept = {(script, key): pk for pk, script, key in found.values_list("pk", "script_id", "key")}
    return {(script, key): kept[script, key[:200]] for script, key in wanted}


def run_of(event: Event, *, script_id: int, lane_id: int, **values: Any) -> ScriptRun:
    """Return the run of a script for an event, not saved."""
    of_event: dict[str, Any] = {
        "trigger": Trigger.EVENT,
        "event_id": event.pk,
        "event_type": event.type,
        "source_type": event.source_type,
        "source_id": event.source_id,
        "reason": event.reason,
        "occurred_at": event.occurred_at,
        "subject": event.subject,
        "correlation_id": event.correlation_id,
    }
    return ScriptRun(lane_id=lane_id, script_id=script_id, **of_event | values)
