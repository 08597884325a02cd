"""Sending again: one delivery, a selection, or a time range as work that a worker does in portions."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F

from integrations.core import clock
from integrations.core.asked import stop, was_stopped
from integrations.core.wake import wake
from integrations.core.work import Claim, WorkState
from integrations.outbox.models import (
    RESEND_TASK,
    Delivery,
    DeliveryQuerySet,
    DeliveryState,
    Destination,
    Resend,
)
from integrations.outbox.services.enqueuing import lock, want

__all__ = ["counts_of", "named", "resend", "rows_of", "run", "start", "stop"]

PORTION = 200
# More than these that were asked for again do not wait at once: what is new would wait behind them.
WAITING_MAX = 1_000
BUDGET_SECONDS = 10.0
PAUSE = timedelta(seconds=2)


@transaction.atomic
def resend(deliveries: DeliveryQuerySet, *, by: str, now: datetime) -> int:
    """Queue ended deliveries again, in their order; return how many.

    Those that are open stay as they are, and so do those whose destination was deleted.
    """
    rows = deliveries.ended().filter(destination__retired_at__isnull=True)
    pks: dict[int, list[int]] = {}
    places: dict[int, set[int]] = {}
    for pk, place, workspace_id in rows.values_list("pk", "destination", "destination__workspace"):
        pks.setdefault(workspace_id, []).append(pk)
        places.setdefault(workspace_id, set()).add(place)
    return sum(_again(pks[each], lock(each, places[each]), by=by, now=now) for each in sorted(pks))


def _again(pks: Sequence[int], locked: Mapping[int, Destination], *, by: str, now: datetime) -> int:
    queued = {"state": DeliveryState.WAITING, "due_at": now, "queued_at": now, "note": f"Asked for again by {by}."}
    as_new = {"tries": 0, "aside": False, "first_tried_at": None, "ended_at": None}
    count = Delivery.objects.ended().filter(pk__in=pks, destination__in=locked).update(**queued, **as_new)
    want(locked, now=now)
    return count


def start(asked: Resend) -> None:
    """Count what is meant, save it, and let a worker do it."""
    asked.total = rows_of(asked).count()
    asked.save()
    wake(RESEND_TASK)


def rows_of(asked: Resend) -> DeliveryQuerySet:
    """Return what is meant, as it is now, in order."""
    rows = Delivery.objects.filter(
        destination__workspace=asked.workspace_id,
        destination__retired_at__isnull=True,
        message__created_at__gte=asked.start,
        message__created_at__lt=asked.end,
    )
    rows = rows.ended() if asked.everything else rows.dead()
    rows = rows.filter(destination=asked.destination_id) if asked.destination_id else rows
    return (rows.filter(pk__in=asked.delivery_ids) if asked.delivery_ids else rows).order_by("pk")


def counts_of(asked: Resend) -> dict[str, int]:
    """Return how many deliveries of each state it means."""
    return dict(rows_of(asked).order_by("state").values_list("state").annotate(Count("pk")))


def named(workspace_id: int, pks: Collection[int], *, by: str) -> Resend:
    """Return a resend, not saved, of these deliveries, delivered or not."""
    times = Delivery.objects.filter(destination__workspace=workspace_id, pk__in=pks)
    found = sorted(times.values_list("message__created_at", flat=True)) or [clock.now()]
    end = found[-1] + timedelta(microseconds=1)
    which = {"delivery_ids": sorted(set(pks)), "everything": True}
    return Resend(workspace_id=workspace_id, start=found[0], end=end, asked_by=by, **which)


def run(claim: Claim) -> None:
    """Queue portions until all are done, many wait, or the time for one run is up."""
    asked: Resend = claim.row
    ends = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < ends and not _many_wait(asked):
        if was_stopped(claim):
            return
        if not _portion(claim):
            Resend.objects.finish(claim, state=WorkState.DONE, note="All of them were looked at.")
            return
    due_at = clock.now() + PAUSE
    Resend.objects.put_back(claim, due_at=due_at, note="Waits until what it asked for is delivered, then goes on.")
    wake(RESEND_TASK, countdown=PAUSE.total_seconds())


def _many_wait(asked: Resend) -> bool:
    """Say whether enough of what was looked at still waits; what is new is not counted."""
    waiting = Delivery.objects.open().filter(
        destination__workspace=asked.workspace_id, pk__lte=asked.reached_id, queued_at__gte=asked.created_at
    )
    waiting = waiting.filter(destination=asked.destination_id) if asked.destination_id else waiting
    return len(waiting.values_list("pk", flat=True)[:WAITING_MAX]) == WAITING_MAX


@transaction.atomic
def _portion(claim: Claim) -> bool:
    """Queue the next few and note how far it came; False if none is left. :raises LeaseLost:"""
    asked: Resend = claim.row
    now = clock.now()
    claim.renew(now=now)
    pks = list(rows_of(asked).filter(pk__gt=asked.reached_id).values_list("pk", flat=True)[:PORTION])
    if not pks:
        return False
    count = resend(Delivery.objects.filter(pk__in=pks), by=asked.asked_by, now=now)
    asked.reached_id = pks[-1]
    Resend.objects.held(claim).update(
        reached_id=asked.reached_id, looked_at=F("looked_at") + len(pks), resent=F("resent") + count
    )
    return True
