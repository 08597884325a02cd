"""How long the log is kept: its oldest end goes, in the order of its numbers, so that what is left has no hole."""

from datetime import datetime
from itertools import takewhile

from django.db import transaction
from django.db.models import QuerySet

from integrations.core import clock
from integrations.core.registries import Retained, register_retention
from integrations.core.work import WorkState
from integrations.events.models import Event, EventQuerySet, Picture, Profile, Sequence
from integrations.events.services import picturing
from integrations.outbox.backlog import withdraw

AT_ONCE = 500
GONE = "Its event went by retention before it was delivered."


def _expired(before: datetime) -> EventQuerySet:
    """Return what is old at the oldest end of each log: an old event behind a younger one waits for that."""
    found: list[int] = []
    for workspace_id in Sequence.objects.order_by("pk").values_list("pk", flat=True):
        if len(found) >= AT_ONCE:
            break
        rows = Event.objects.numbered().filter(workspace_id=workspace_id).order_by("seq")
        oldest = rows.values_list("pk", "created_at")[:AT_ONCE]
        found += [pk for pk, _ in takewhile(lambda row: row[1] < before, oldest)]
    return Event.objects.filter(pk__in=found).order_by("workspace", "seq")


@transaction.atomic
def _delete(rows: "QuerySet[Event]") -> int:
    """Delete events; what of them still waits for a webhook expires."""
    events = list(rows.values_list("workspace_id", "uuid"))
    for workspace_id in {workspace_id for workspace_id, _ in events}:
        uids = [str(uuid) for of, uuid in events if of == workspace_id]
        withdraw(workspace_id, uids, note=GONE, now=clock.now())
    return rows.delete()[1].get(Event._meta.label, 0)


def _tombstones(before: datetime) -> "QuerySet[Profile]":
    return Profile.objects.filter(deleted_at__lt=before).order_by("deleted_at")


def _pictures(before: datetime) -> "QuerySet[Picture]":
    """Return the pictures that no event has named since; one that is being fetched is left until it is there."""
    rows = Picture.objects.filter(expired_at__isnull=True, named_at__lt=before)
    return rows.exclude(state=WorkState.RUNNING).order_by("named_at")


def _gone(before: datetime) -> "QuerySet[Picture]":
    return Picture.objects.filter(expired_at__lt=before).order_by("expired_at")


def register() -> None:
    register_retention(Retained(kind="events.event", label="Events", days=30, expired=_expired, strip=_delete))
    register_retention(Retained(kind="events.tombstone", label="Tombstones of profiles", days=1, expired=_tombstones))
    register_retention(
        Retained(
            kind="events.picture",
            label="Pictures of events",
            days=30,
            expired=_pictures,
            strip=picturing.expire,
            batch=100,
        )
    )
    register_retention(Retained(kind="events.expired", label="Rows of expired pictures", days=365, expired=_gone))
