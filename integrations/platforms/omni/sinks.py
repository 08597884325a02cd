"""Recognition events become rows to be joined, where a rule names their camera."""

from collections.abc import Sequence

from integrations.core import clock
from integrations.core.wake import wake
from integrations.events.models import Event
from integrations.platforms.omni.models import JOIN_TASK, JoinRule, Recognition


def answer(events: Sequence[Event]) -> None:
    """Insert a row for each event and each rule that concerns it; by default there is none."""
    seen = [event for event in events if event.is_recognition and not event.withheld]
    if not seen:
        return
    rules = list(JoinRule.objects.filter(workspace_id=seen[0].workspace_id, enabled=True).order_by("pk"))
    rows = [_row(event, rule) for event in seen for rule in rules if _concerns(rule, event)]
    if rows:
        Recognition.objects.bulk_create(rows, ignore_conflicts=True)
        wake(JOIN_TASK)


def _concerns(rule: JoinRule, event: Event) -> bool:
    of_type = not rule.event_types or event.type.upper() in rule.event_types
    return of_type and str(event.camera_id) in rule.cameras


def _row(event: Event, rule: JoinRule) -> Recognition:
    return Recognition(
        event=event, rule=rule, rule_name=rule.name, correlation_id=event.correlation_id, due_at=clock.now()
    )
