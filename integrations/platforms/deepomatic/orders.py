"""Our orders at the vendor: made there once, and used by one analysis at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from django.db.models import Q

from integrations.camera.engines.contract import OrderFacts
from integrations.camera.models import FieldOrder
from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import TransientError, Unsure
from integrations.platforms.deepomatic.client import DeepomaticClient
from integrations.platforms.deepomatic.models import VendorOrder

# Longer than what one holder asks in a row: making the order, reading it, one analysis. A killed worker frees it then.
HELD_FOR = timedelta(seconds=120)
BUSY_SECONDS = 2.0
BUSY = "Another photo of this order is at Deepomatic just now; this one follows."


class OrderGone(TransientError):
    """The vendor does not know the order any more; it is made anew at the next try."""


@contextmanager
def held(connection: Connection, facts: OrderFacts) -> Iterator[VendorOrder]:
    """Hold our order at this site, for one analysis at a time (5.31). :raises TransientError: if it is held"""
    order = FieldOrder.objects.only("pk").get(uuid=facts.uuid)
    row, _ = VendorOrder.objects.get_or_create(connection=connection, order=order)
    now, token = clock.now(), uuid4()
    free = VendorOrder.objects.filter(Q(busy_until__isnull=True) | Q(busy_until__lte=now), pk=row.pk)
    if not free.update(busy_until=now + HELD_FOR, busy_token=token):
        raise TransientError(BUSY, retry_after=BUSY_SECONDS)
    row.refresh_from_db(fields=["external_id"])
    try:
        yield row
    finally:
        VendorOrder.objects.filter(pk=row.pk, busy_token=token).update(busy_until=None, busy_token=None)


def made(row: VendorOrder, facts: OrderFacts, client: DeepomaticClient) -> bool:
    """Make the order there, unless it is known; say whether it was made now, so that it has no inputs.

    An order cannot be looked for by its name (4.3): one whose creation nobody answered stays there, empty, and another
    is made.
    """
    if row.external_id:
        return False
    created = client.create(facts.name, metadata=facts.metadata, types=facts.type_names)
    row.external_id = created.id[:120]
    row.save(update_fields=["external_id"])
    facts.keep_id(row.external_id)
    return True


def forget(row: VendorOrder) -> OrderGone:
    """Forget an id that the vendor does not know, as after a deletion there."""
    VendorOrder.objects.filter(pk=row.pk).update(external_id="")
    row.sent.all().delete()
    return OrderGone(f"Deepomatic has no work order {row.external_id} any more; another is made.")


def settled_after(error: Unsure, connection: Connection) -> TransientError:
    """Return what an unsure send is raised as: not tried again before the vendor may have carried it out."""
    wait = max(error.retry_after or 0.0, connection.settle_seconds)
    return TransientError(f"{error} It is looked for, then tried again.", retry_after=wait, status=error.status)
