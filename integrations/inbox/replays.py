"""Replaying what came in a time range: slow work in portions, so that webhooks which arrive meanwhile do not wait."""

import time
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from integrations.core import clock
from integrations.core.asked import stop, was_stopped
from integrations.core.wake import wake
from integrations.core.work import ENDED_STATES, OPEN_STATES, Claim, WorkState
from integrations.inbox import services
from integrations.inbox.models import ReceivedWebhook, ReceivedWebhookQuerySet, Replay

__all__ = ["TASK", "counts_of", "go_on", "rows_of", "run", "start", "stop"]

TASK = "inbox.replay"
PORTION = 200
# More than these wait in front of a new webhook only if it was not the replay that put them there.
WAITING_MAX = 1_000
BUDGET_SECONDS = 10.0
PAUSE = timedelta(seconds=2)


def start(replay: Replay) -> None:
    """Save what is meant, and let a worker do it."""
    replay.total = rows_of(replay).count()
    replay.save()
    wake(TASK)


def rows_of(replay: Replay) -> ReceivedWebhookQuerySet:
    states = (WorkState.FAILED,) if replay.only_failed else ENDED_STATES
    rows = ReceivedWebhook.objects.replayable(replay.start, replay.end, source=replay.source, states=states)
    if replay.workspace_id:
        rows = rows.filter(source__connection__workspace=replay.workspace_id)
    return rows.filter(pk__in=replay.webhook_ids) if replay.webhook_ids else rows


def go_on(replay: Replay) -> None:
    """Continue one that ended before its time, where it stopped."""
    Replay.objects.filter(pk=replay.pk).rerun(now=clock.now(), stopped_by="")
    wake(TASK)


def run(claim: Claim) -> None:
    """Replay portions until all are done, many wait to be processed, or the time for one run is up."""
    ends = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < ends and not _many_wait():
        if was_stopped(claim):
            return
        if not _portion(claim):
            Replay.objects.finish(claim, state=WorkState.DONE, note="All webhooks of the range were looked at.")
            return
    due_at = clock.now() + PAUSE
    Replay.objects.put_back(claim, due_at=due_at, note="Waits until what it asked for is processed, then goes on.")
    wake(TASK, countdown=PAUSE.total_seconds())


def _many_wait() -> bool:
    waiting = ReceivedWebhook.objects.filter(state__in=OPEN_STATES).values_list("pk", flat=True)
    return len(waiting[:WAITING_MAX]) == WAITING_MAX


@transaction.atomic
def _portion(claim: Claim) -> bool:
    """Replay the next few and note how far it came; False if none is left. :raises LeaseLost:"""
    replay: Replay = claim.row
    now = clock.now()
    claim.renew(now=now)
    found = list(_left(replay).values_list("received_at", "pk")[:PORTION])
    if not found:
        return False
    pks = [pk for _, pk in found]
    count = services.replay(ReceivedWebhook.objects.filter(pk__in=pks), now=now)
    replay.reached_at, replay.reached_id = found[-1]
    Replay.objects.held(claim).update(
        reached_at=replay.reached_at,
        reached_id=replay.reached_id,
        looked_at=F("looked_at") + len(found),
        replayed=F("replayed") + count,
    )
    return True


def _left(replay: Replay) -> ReceivedWebhookQuerySet:
    if replay.reached_at is None:
        return rows_of(replay)
    later = Q(received_at__gt=replay.reached_at) | Q(received_at=replay.reached_at, pk__gt=replay.reached_id)
    return rows_of(replay).filter(later, received_at__gte=replay.reached_at)


def counts_of(replay: Replay) -> Mapping[str, int]:
    """Return how many webhooks of each state it means."""
    return dict(rows_of(replay).order_by("state").values_list("state").annotate(Count("pk")))
