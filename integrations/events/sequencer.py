"""The sequencer: numbers committed events, one holder at a time, and lets the sinks answer them."""

from django.db import transaction

from integrations.core.wake import awake
from integrations.events.models import Event, Sequence
from integrations.events.services import SEQUENCE_TASK, sinks

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
    Sequence.objects.get_or_create(workspace_id=workspace_id)
    counter = Sequence.objects.select_for_update().get(workspace_id=workspace_id)
    events = list(Event.objects.unnumbered().filter(workspace_id=workspace_id).order_by("id")[:BATCH])
    for event in events:
        counter.last += 1
        event.seq = counter.last
    if events:
        counter.save(update_fields=["last"])
        Event.objects.bulk_update(events, ["seq"])
        for sink in sinks():
            sink(events)
    return len(events)
