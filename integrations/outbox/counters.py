"""The outbox in numbers, for the index page."""

from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.outbox.models import Delivery, DeliveryState, Destination


def counters() -> Iterator[Counter]:
    waiting = Delivery.objects.open()
    oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
    yield Counter(
        label="Deliveries waiting",
        value=waiting.count(),
        model="outbox.Delivery",
        query="which=open",
        detail=f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "",
    )
    yield Counter(
        label="Dead letters",
        value=Delivery.objects.filter(state__in=(DeliveryState.FAILED, DeliveryState.EXPIRED)).count(),
        model="outbox.Delivery",
        query="which=dead",
        attention=True,
    )
    yield Counter(
        label="Destinations suspended",
        value=Destination.objects.kept().filter(suspended_at__isnull=False).count(),
        model="outbox.Destination",
        query="suspended_at__isempty=0",
        attention=True,
    )
