"""What the outbox knows of a subject: what was sent of it, and to whom."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.outbox.models import Delivery, DeliveryState

TONES = {DeliveryState.DELIVERED: "DONE", DeliveryState.EXPIRED: "FAILED", DeliveryState.DROPPED: "SKIPPED"}


def entries(subject: str) -> Iterator[Entry]:
    rows = Delivery.objects.filter(message__subject=subject).select_related("message", "destination")
    rows = rows.defer("message__body", "destination__secrets", "destination__headers")
    for row in rows.order_by("-id")[:200]:
        yield Entry(
            at=row.ended_at or row.queued_at,
            kind="delivery",
            title=f"{row.message.type} → {row.destination.name}: {row.get_state_display()}",
            state=TONES.get(DeliveryState(row.state), row.state),
            note=row.note,
            url=reverse("admin:outbox_delivery_change", args=[row.pk]),
        )
