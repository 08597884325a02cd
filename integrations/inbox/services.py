"""What the inbox can do: ask for resources to be read again, tell rows what they belong to, replay."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from integrations.core.platforms import Notice
from integrations.core.wake import wake
from integrations.inbox.models import ReceivedWebhook, ReceivedWebhookQuerySet, ResourceRefresh
from integrations.inbox.writer import PROCESS_TASK

REFRESH_TASK = "inbox.refresh"


@transaction.atomic
def want_resources(
    connection_id: int,
    notices: Iterable[Notice],
    *,
    now: datetime,
    replay: bool = False,
    correlation_id: str = "",
) -> None:
    """Ask for each named resource to be read (again): at once, or as soon as its pace allows.

    `replay` makes the read publish its facts even where nothing changed.
    """
    changed: dict[str, Any] = {"correlation_id": correlation_id} if correlation_id else {}
    if replay:
        changed["replay"] = True
    keys = sorted({(notice.resource_type, notice.resource_id) for notice in notices})
    rows = ResourceRefresh.objects.filter(connection_id=connection_id)
    for resource_type, resource_id in keys:
        row = rows.filter(resource_type=resource_type, resource_id=resource_id)
        if not row.want(now=now, **changed):
            _first_time(connection_id, resource_type, resource_id, now=now, values=changed)
    wake(REFRESH_TASK)


def _first_time(
    connection_id: int, resource_type: str, resource_id: str, *, now: datetime, values: dict[str, Any]
) -> None:
    row = {"connection_id": connection_id, "resource_type": resource_type, "resource_id": resource_id}
    _, created = ResourceRefresh.objects.get_or_create(**row, defaults={"due_at": now, **values})
    if not created:  # another worker was first
        ResourceRefresh.objects.filter(**row).want(now=now, **values)


def set_subject(connection_id: int, resource_type: str, resource_id: str, subject: str) -> None:
    """Note what a resource belongs to on its rows, so that the subject's page shows them."""
    resource = {"resource_type": resource_type, "resource_id": resource_id}
    refreshes = ResourceRefresh.objects.filter(connection_id=connection_id, **resource)
    refreshes.exclude(subject=subject).update(subject=subject)
    received = ReceivedWebhook.objects.filter(**resource, source__connection_id=connection_id)
    received.exclude(subject=subject).update(subject=subject)


def replay(webhooks: ReceivedWebhookQuerySet, *, now: datetime) -> int:
    """Process ended webhooks again, publishing their facts even where nothing changed; return how many.

    Those whose body retention has deleted stay as they are.
    """
    count = webhooks.filter(body_deleted=False).rerun(now=now, replays=F("replays") + 1)
    wake(PROCESS_TASK)
    return count
