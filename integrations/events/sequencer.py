"""The sequencer: numbers committed events, one holder at a time, and lets the sinks answer them."""

from collections.abc import Sequence

from django.db import transaction

from integrations.core.subjects import facts
from integrations.core.wake import awake
from integrations.events.models import Event
from integrations.events.models import Sequence as Counter
from integrations.events.services import SEQUENCE_TASK, sinks
from integrations.events.services.changing import numbered

BATCH = 200


def sequence_all() -> int:
    """Number every committed event of every workspace; return how many."""
    awake(SEQUENCE_TASK)
    total = 0
    while workspaces := _waiting_workspaces():
        total += sum(_drain(workspace_id) for workspace_id in workspaces)
    return total


def _waiting_workspaces() -> list[int]:
    return sorted(Event.objects.unnumbered().values_list("workspace_id", flat=True).distinct().order_by())


def _drain(workspace_id: int) -> int:
    total = 0
    while done := sequence(workspace_id):
        total += done
    return total


@transaction.atomic
def sequence(workspace_id: int) -> int:
    """Number one batch and fan it out, all or nothing; return its size.

    The counter's row lock is the lease: it ends with the transaction, however that ends, so a killed sequencer leaves
    neither a gap nor a number without its effects.
    """
    Counter.objects.get_or_create(workspace_id=workspace_id)
    counter = Counter.objects.select_for_update().get(workspace_id=workspace_id)
    events = list(Event.objects.unnumbered().filter(workspace_id=workspace_id).order_by("id")[:BATCH])
    if events:
        _number(events, counter)
        for sink in sinks():
            sink(events)
        numbered(workspace_id, last=counter.last)
    return len(events)


def _number(events: Sequence[Event], counter: Counter) -> None:
    """Give the next numbers, and note what each event's work order is like at this moment."""
    about = facts({event.subject for event in events if event.subject})
    for event in events:
        counter.last += 1
        event.seq, event.about = counter.last, about.get(event.subject, {})
    counter.save(update_fields=["last"])
    Event.objects.bulk_update(events, ["seq", "about"] if about else ["seq"])
