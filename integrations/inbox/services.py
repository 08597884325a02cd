"""What the inbox can do: ask for resources to be read again, tell rows what they belong to, replay."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from integrations.core.platforms import Notice
from integrations.core.wake import wake, wake_at
from integrations.core.work import WorkState
from integrations.inbox.models import ReceivedWebhookQuerySet, ResourceRefresh
from integrations.inbox.writer import PROCESS_TASK

REFRESH_TASK = "inbox.refresh"
SET_SUBJECT = """
UPDATE inbox_receivedwebhook SET subject = %s WHERE id IN (
  SELECT id FROM inbox_receivedwebhook WHERE resource_type = %s AND resource_id = %s AND subject <> %s
  AND source_id IN (SELECT id FROM inbox_webhooksource WHERE connection_id = %s){locked}
)
"""
LOCKED = ("pk", "resource_type", "resource_id", "state", "due_at", "not_before")
Resource = tuple[str, str]


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
    wanted = {(notice.resource_type, notice.resource_id): correlation_id for notice in notices}
    want_all(connection_id, wanted, now=now, replay=replay)


@transaction.atomic
def want_all(connection_id: int, wanted: Mapping[Resource, str], *, now: datetime, replay: bool = False) -> None:
    """Ask for many resources; each with the correlation id of what asked for it. Four queries, however many.

    Rows that are missing are inserted, then all of them are locked in one order, so that two workers never wait for
    each other; a row that another worker inserted meanwhile is wanted like one that was there.
    """
    rows = ResourceRefresh.objects.filter(connection_id=connection_id, resource_id__in={each[1] for each in wanted})
    known = set(rows.values_list("resource_type", "resource_id"))
    base: dict[str, Any] = {"connection_id": connection_id, "due_at": now}
    new = [
        ResourceRefresh(resource_type=name[0], resource_id=name[1], correlation_id=wanted[name], **base)
        for name in sorted(set(wanted) - known)
    ]
    if new:
        ResourceRefresh.objects.bulk_create(new, ignore_conflicts=True)
    locked = rows.select_for_update().order_by("pk").values_list(*LOCKED, named=True)
    found = [row for row in locked if (row.resource_type, row.resource_id) in wanted]
    changed: dict[str, Any] = {"replay": True} if replay else {}
    if len(found) == 1 and (correlation_id := wanted[found[0].resource_type, found[0].resource_id]):
        changed["correlation_id"] = correlation_id
    ResourceRefresh.objects.filter(pk__in=[row.pk for row in found]).want(now=now, **changed)
    wake_at(REFRESH_TASK, filter(None, (_due_when_wanted(row, now=now) for row in found)), now=now)


def _due_when_wanted(row: Any, *, now: datetime) -> datetime | None:
    """Return when a row as it was before `want()` is due after it; None for a running one, whose holder hints then."""
    if row.state == WorkState.RUNNING:
        return None
    due_at: datetime = row.due_at if row.state == WorkState.DUE else row.not_before or now
    return due_at


def set_subject(connection_id: int, resource_type: str, resource_id: str, subject: str) -> None:
    """Note what a resource belongs to on its rows, so that the subject's page shows them."""
    resource = {"resource_type": resource_type, "resource_id": resource_id}
    refreshes = ResourceRefresh.objects.filter(connection_id=connection_id, **resource)
    refreshes.exclude(subject=subject).update(subject=subject)
    set_subject_of_received(connection_id, resource_type, resource_id, subject)


def set_subject_of_received(connection_id: int, resource_type: str, resource_id: str, subject: str) -> None:
    """Note what a resource belongs to on its webhooks; the read that is at work notes it on its own row."""
    # In the order of their numbers, as a batch that processes them ends them: neither waits for the other for ever.
    locked = " ORDER BY id FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        values = (subject, resource_type, resource_id, subject, connection_id)
        cursor.execute(SET_SUBJECT.format(locked=locked), values)


def replay(webhooks: ReceivedWebhookQuerySet, *, now: datetime) -> int:
    """Process ended webhooks again, publishing their facts even where nothing changed; return how many.

    Those whose body retention has deleted stay as they are.
    """
    count = webhooks.filter(body_deleted=False).rerun(now=now, replays=F("replays") + 1)
    wake(PROCESS_TASK)
    return count
