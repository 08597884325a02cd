"""The end of waiting: what has waited for a day, or has 100,000 newer ones behind it, expires."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q

from integrations.core import clock
from integrations.outbox.models import Delivery, DeliveryQuerySet, DeliveryState
from integrations.outbox.models.deliveries import OPEN_STATES
from integrations.outbox.schedule import TRIED_FOR

EXPIRE_TASK = "outbox.expire"
MOST_WAITING = 100_000
LONGEST_WAIT = timedelta(hours=24)
BATCH = 2_000
EVERY_SECONDS = 30.0


class Watch:
    """Asks now and then whether anything has to expire."""

    asked_at = -EVERY_SECONDS

    def waits(self) -> bool:
        if time.monotonic() - self.asked_at < EVERY_SECONDS:
            return False
        self.asked_at = time.monotonic()
        return _too_old(clock.now()).exists() or bool(_too_many())


def expire() -> int:
    """End what has waited for too long, or is too much, the oldest first; return how many."""
    now = clock.now()
    total = 0
    while pks := list(_too_old(now).order_by("queued_at").values_list("pk", flat=True)[:BATCH]):
        total += _end(pks, note="Waited for 24 hours without being delivered.", now=now)
    for destination_id, excess in _too_many():
        total += _end_oldest(destination_id, excess, now=now)
    return total


def withdraw(workspace_id: int, uids: Sequence[str], *, note: str, now: datetime) -> None:
    """End, in the caller's transaction, what waits of these messages anywhere."""
    waiting = Delivery.objects.open().filter(message__workspace=workspace_id, message__uid__in=uids)
    if pks := list(waiting.values_list("pk", flat=True)):
        _end(pks, note=note, now=now)


def _too_old(now: datetime) -> DeliveryQuerySet:
    tried = Q(first_tried_at__isnull=False, first_tried_at__gt=now - TRIED_FOR)
    return Delivery.objects.open().filter(queued_at__lt=now - LONGEST_WAIT).exclude(tried)


def _too_many() -> list[tuple[int, int]]:
    """Return destinations with more than may wait, and by how many."""
    counts = Delivery.objects.open().order_by().values_list("destination").annotate(count=Count("pk"))
    return [(pk, count - MOST_WAITING) for pk, count in counts.filter(count__gt=MOST_WAITING)]


def _end_oldest(destination_id: int, excess: int, *, now: datetime) -> int:
    total = 0
    rows = Delivery.objects.open().filter(destination=destination_id).order_by("pk").values_list("pk", flat=True)
    while total < excess and (pks := list(rows[: min(BATCH, excess - total)])):
        total += _end(pks, note=f"{MOST_WAITING:,} newer messages waited behind it.", now=now)
    return total


def _end(pks: list[int], *, note: str, now: datetime) -> int:
    ended = {"state": DeliveryState.EXPIRED, "ended_at": now, "aside": False, "note": note}
    count = Delivery.objects.filter(pk__in=pks, state__in=OPEN_STATES).update(**ended)
    return max(count, 1)  # another may have ended them meanwhile: the loop goes on
