"""The adapter of any sender: its webhooks carry work orders, read by the feed of its connection."""

from collections.abc import Sequence
from typing import ClassVar

from integrations.core import clock, safe_json
from integrations.core.errors import PermanentError
from integrations.core.platforms import (
    Fetch,
    Fetched,
    Incoming,
    InvalidSignature,
    Notice,
    Received,
    Unreadable,
    Unwanted,
)
from integrations.inbox.models import ReceivedWebhook
from integrations.platforms.generic import services
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.generic.reading import NotReadable
from integrations.workorders.models import WorkOrder

NO_SIGNATURE = "This platform has no signature of its own: choose another verification for the source."
NO_FEED = "Its connection has no work order feed: add one that says where the work orders are, then replay this row."


class GenericAdapter:
    slug: ClassVar[str] = "generic"
    label: ClassVar[str] = "Any system"
    not_found_schedule: ClassVar[Sequence[float]] = ()

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        raise InvalidSignature(NO_SIGNATURE)

    def delivery_key(self, request: Incoming) -> str | None:
        """Standard Webhooks: `webhook-id` is the same for every try of a message and no other."""
        if request.header("webhook-signature"):
            return request.header("webhook-id")[:255] or None
        return None

    def notices(self, received: Received) -> Sequence[Notice]:
        return ()

    def take(self, received: Received) -> str:
        """Store the work orders of a webhook, all or none, and return what became of them."""
        feed = WorkOrderFeed.objects.select_related("connection").filter(connection=received.connection_id).first()
        if feed is None:
            raise Unwanted(NO_FEED)
        try:
            body = safe_json.parse(received.incoming.body)
            orders = services.take_all(feed, body, now=clock.now())
        except (NotReadable, safe_json.UnreadableJSON) as error:
            raise Unreadable(f"{error} Nothing of it was taken.") from error
        if not orders:
            raise Unwanted("It names no work orders: its list is empty.")
        if len(orders) == 1:
            _name(received, orders[0])
        return f"Work orders: {', '.join(str(order) for order in orders[:5])}{' …' if len(orders) > 5 else ''}."

    def fetch(self, order: Fetch) -> Fetched:
        raise PermanentError("This platform's webhooks carry the facts themselves: there is nothing to read again.")


def _name(received: Received, order: WorkOrder) -> None:
    """Let the row be found by its work order, and show on that order's page."""
    named = {"resource_type": "workorder", "resource_id": str(order)[:255], "subject": order.subject}
    ReceivedWebhook.objects.filter(pk=received.id).update(**named)
