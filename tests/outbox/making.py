"""Rows of the outbox for tests, and ways to let its time pass."""

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F

from integrations.core import clock
from integrations.outbox.models import Delivery, Destination
from integrations.outbox.pump import Pump
from integrations.outbox.services import destinations
from integrations.outbox.services.enqueuing import Outgoing, enqueue
from tests.factories import make_workspace
from tests.simulators.receiver import Receiver

_numbers = itertools.count(1)


def make_destination(to: Receiver | None = None, **values: Any) -> Destination:
    defaults = {"name": f"Destination {next(_numbers)}", "url": to.url if to else "https://hooks.example.test/"}
    return destinations.create(make_workspace().pk, **defaults | values)


def outgoing(*to: Destination, **values: Any) -> Outgoing:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "uid": f"event-{number}",
        "type": "workorder.updated",
        "body": json.dumps({"n": number}),
        "cursor": f"cursor-{number}",
        "subject": "workorder/7",
        "destinations": [each.pk for each in to],
    }
    return Outgoing(**defaults | values)


def queue(*to: Destination, count: int = 1, **values: Any) -> list[Delivery]:
    """Queue messages for these destinations; return the deliveries in order."""
    sent = [outgoing(*to, **values) for _ in range(count)]
    enqueue(make_workspace().pk, sent, now=clock.now())
    uids = [each.uid for each in sent]
    return list(Delivery.objects.filter(message__uid__in=uids).order_by("pk"))


def pump(*, senders: int = 8, linger: float = 0.0) -> None:
    """Send what is due now."""
    Pump(senders=senders).run(linger=linger)


def pass_time(seconds: float) -> None:
    """Let everything in the outbox be that much older, and due that much sooner."""
    by = timedelta(seconds=seconds)
    for name in ("due_at", "queued_at", "first_tried_at"):
        Delivery.objects.update(**{name: F(name) - by})
    for name in ("due_at", "not_before", "suspended_at", "previous_until"):
        Destination.objects.update(**{name: F(name) - by})


def states(deliveries: Sequence[Delivery]) -> list[str]:
    found = Delivery.objects.in_bulk([each.pk for each in deliveries])
    return [found[each.pk].state for each in deliveries]
