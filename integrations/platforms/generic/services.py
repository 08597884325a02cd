"""What this platform can do: take work orders out of a body, and poll at once."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import models

from integrations.core.wake import wake
from integrations.core.work import ENDED_STATES, WorkState
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.generic.reading import Item, NotReadable, read_all
from integrations.workorders.models import WorkOrder
from integrations.workorders.services import Put, put_work_order

POLL_TASK = "generic.poll"
FAULTS_SHOWN = 3


@dataclass(frozen=True)
class Taken:
    """What came of a body or of several: how many were there, new, changed, and which could not be read."""

    count: int = 0
    created: int = 0
    changed: int = 0
    unreadable: int = 0
    faults: str = ""

    def __add__(self, other: "Taken") -> "Taken":
        summed = {name: value + getattr(other, name) for name, value in asdict(self).items() if name != "faults"}
        faults = self.faults if self.unreadable >= FAULTS_SHOWN else f"{self.faults} {other.faults}".strip()
        return Taken(**summed, faults=faults)

    def __str__(self) -> str:
        same = self.count - self.created - self.changed - self.unreadable
        said = f"{self.count} work orders: {self.created} new, {self.changed} changed, {same} as known."
        if not self.unreadable:
            return said
        return f"{said} {self.unreadable} could not be read; correct the feed's expressions: {self.faults}"


def take_all(feed: WorkOrderFeed, body: Any, *, now: datetime) -> list[WorkOrder]:
    """Store every work order of a body, or none. :raises NotReadable: naming item and field"""
    found = list(_read(feed, body))
    for item in found:
        if isinstance(item, NotReadable):
            raise item
    return [_put(feed, item, now=now).work_order for item in found if isinstance(item, Item)]


def take_readable(feed: WorkOrderFeed, body: Any, *, now: datetime) -> Taken:
    """Store the work orders of a page that can be read, each by itself. :raises NotReadable: if there is no list"""
    taken = Taken()
    for item in _read(feed, body):
        if isinstance(item, NotReadable):
            taken += Taken(count=1, unreadable=1, faults=str(item))
            continue
        put = _put(feed, item, now=now)
        taken += Taken(count=1, created=put.created, changed=put.changed and not put.created)
    return taken


def _read(feed: WorkOrderFeed, body: Any) -> list[Item | NotReadable]:
    connection = feed.connection
    reader = read_all(body, feed.expressions, zone=connection.time_zone, date_format=connection.date_format)
    return list(reader)


def _put(feed: WorkOrderFeed, item: Item, *, now: datetime) -> Put:
    return put_work_order(system=feed.connection, external_id=item.external_id, values=item.values, now=now)


def poll_now(feeds: "models.QuerySet[WorkOrderFeed]", *, now: datetime) -> int:
    """Make feeds due at once; one that is being polled stays as it is. Return how many."""
    waiting = feeds.filter(state__in=(*ENDED_STATES, WorkState.DUE))
    count = waiting.update(state=WorkState.DUE, due_at=now)
    wake(POLL_TASK)
    return count
