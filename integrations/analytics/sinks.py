"""What events make stale: a work order that was told of anew, or to which a call or session came."""

from collections.abc import Mapping, Sequence

from integrations.analytics.models import StaleJob
from integrations.events.models import Event
from integrations.workorders.calls import sources

ORDERS = "workorder."
JOINED = ".joined"


def answer(events: Sequence[Event]) -> None:
    """Note the orders of these events, inside the sequencer's transaction."""
    calls = sources()
    stale = [_stale(event, calls) for event in events if _counts(event, calls)]
    if stale:
        StaleJob.objects.bulk_create(stale)


def _counts(event: Event, calls: Mapping[str, object]) -> bool:
    ours = event.type.startswith(ORDERS) or event.type.endswith(JOINED) or event.source_type in calls
    kind, _, number = event.subject.partition("/")
    return ours and kind == "workorder" and number.isdecimal()


def _stale(event: Event, calls: Mapping[str, object]) -> StaleJob:
    order = int(event.subject.partition("/")[2])
    if event.source_type not in calls:
        return StaleJob(work_order=order)
    return StaleJob(work_order=order, source_type=event.source_type, source_id=event.source_id)
