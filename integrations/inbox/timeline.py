"""What the inbox knows of a subject: webhooks as they came and the reads that they asked for."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh


def entries(subject: str) -> Iterator[Entry]:
    for row in ReceivedWebhook.objects.filter(subject=subject).for_list().order_by("-id")[:200]:
        yield Entry(
            at=row.received_at,
            kind="webhook",
            title=f"{row.resource_type} {row.verb}".strip() or "webhook",
            state=row.state,
            note=row.note,
            url=reverse("admin:inbox_receivedwebhook_change", args=[row.pk]),
        )
    for refresh in ResourceRefresh.objects.filter(subject=subject).order_by("-id")[:50]:
        yield Entry(
            at=refresh.fetched_at or refresh.due_at,
            kind="read",
            title=f"{refresh.resource_type} read from the platform",
            state=refresh.state,
            note=refresh.note,
        )
