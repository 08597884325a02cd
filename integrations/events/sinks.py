"""Events become messages for the webhooks that they go to."""

from collections.abc import Iterator, Sequence

from integrations.core import clock
from integrations.events.cursors import Cursor
from integrations.events.facts import facts_of
from integrations.events.models import Event
from integrations.events.models import Sequence as Counter
from integrations.events.selectors.subscriptions import Subscriptions, subscriptions
from integrations.outbox.services.enqueuing import Outgoing, enqueue


def answer(events: Sequence[Event]) -> None:
    """Queue what webhooks get of these events, inside the sequencer's transaction, each body made once.

    They are matched here and not later by rows: the sequencer holds the row that every change of a filter writes to, so
    an event follows exactly the rules that were committed when it was numbered, and one look-up in memory is cheaper
    than a row of work per event.
    """
    workspace_id = events[0].workspace_id
    counter = Counter.objects.get(workspace_id=workspace_id)
    told = subscriptions(workspace_id, revision=counter.revision)
    if told.destinations:
        enqueue(workspace_id, list(_outgoing(events, told, epoch=counter.epoch)), now=clock.now())


def _outgoing(events: Sequence[Event], told: Subscriptions, *, epoch: str) -> Iterator[Outgoing]:
    for event in events:
        matching = told.index.endpoints(facts_of(event)) if not event.withheld else ()
        if destinations := [told.destinations[each] for each in matching if each in told.destinations]:
            yield Outgoing(
                uid=str(event.uuid),
                type=event.type,
                body=told.wire.body(event),
                destinations=destinations,
                cursor=str(Cursor(event.workspace_id, event.seq or 0, epoch)),
                subject=event.subject,
                correlation_id=event.correlation_id,
            )
