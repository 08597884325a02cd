"""The inbox in numbers, for the index page."""

from collections.abc import Iterator

from integrations.core.registries import Counter
from integrations.core.work import OPEN_STATES, WorkState
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, ResourceRefresh


def counters() -> Iterator[Counter]:
    waiting = ReceivedWebhook.objects.filter(state__in=OPEN_STATES)
    oldest = waiting.order_by("received_at").values_list("received_at", flat=True).first()
    yield Counter(
        label="Webhooks waiting",
        value=waiting.count(),
        model="inbox.ReceivedWebhook",
        query=f"state__exact={WorkState.DUE}",
        detail=f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "",
    )
    yield Counter(
        label="Webhooks failed",
        value=ReceivedWebhook.objects.filter(state=WorkState.FAILED).count(),
        model="inbox.ReceivedWebhook",
        query=f"state__exact={WorkState.FAILED}",
        attention=True,
    )
    yield Counter(
        label="Reads failed",
        value=ResourceRefresh.objects.filter(state=WorkState.FAILED).count(),
        model="inbox.ResourceRefresh",
        query=f"state__exact={WorkState.FAILED}",
        attention=True,
    )
    yield Counter(
        label="Quarantined",
        value=QuarantinedWebhook.objects.count(),
        model="inbox.QuarantinedWebhook",
        attention=True,
    )
