"""Writing down what became of attempts: of many destinations in one transaction."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from integrations.core.errors import Captured
from integrations.outbox.models import Attempt, Delivery, DeliveryState, Destination
from integrations.outbox.models.deliveries import OPEN_STATES
from integrations.outbox.rounds import Landed

logger = logging.getLogger(__name__)


def record_all(landed: Sequence[Landed], *, now: datetime) -> None:
    """Write them down together; singly if one of the rows is gone meanwhile."""
    try:
        record(landed, now=now)
    except IntegrityError:
        for each in landed:
            try:
                record([each], now=now)
            except IntegrityError:
                logger.warning("delivery %s was deleted while it was sent", each.delivery.pk)


@transaction.atomic
def record(landed: Sequence[Landed], *, now: datetime) -> None:
    """Keep each attempt, and what it means for its delivery.

    What was delivered is delivered, whoever holds the lane by now; a failure counts only if nobody wrote since.
    """
    delivered = [each.delivery.pk for each in landed if each.outcome.delivered]
    if delivered:
        ended = {"state": DeliveryState.DELIVERED, "ended_at": now, "aside": False, "note": ""}
        Delivery.objects.filter(pk__in=delivered).update(**ended, **_counted(now))
    for each in landed:
        if not each.outcome.delivered:
            _failed(each, now=now)
    Attempt.objects.bulk_create(map(attempt_of, landed))


def _counted(now: datetime) -> dict[str, Any]:
    """Return what every attempt changes."""
    first = Coalesce(F("first_tried_at"), Value(now))
    return {"attempts": F("attempts") + 1, "tries": F("tries") + 1, "first_tried_at": first}


def _failed(landed: Landed, *, now: datetime) -> None:
    delivery = landed.delivery
    mine = Delivery.objects.filter(pk=delivery.pk, state__in=OPEN_STATES, attempts=delivery.attempts)
    mine.update(**_after(landed), **_counted(now))


def _after(landed: Landed) -> dict[str, Any]:
    outcome, again = landed.outcome, landed.next_try
    if again:
        note = f"{outcome.note} Tried again at {again.at:%Y-%m-%d %H:%M:%S} UTC."
        return {"state": DeliveryState.RETRYING, "due_at": again.at, "aside": again.aside, "note": note}
    if isinstance(outcome.failure, Captured):
        return {"state": DeliveryState.DROPPED, "ended_at": landed.at, "note": outcome.note}
    given_up = "Tried for 24 hours; the last time: " if outcome.again else ""
    return {"state": DeliveryState.FAILED, "ended_at": landed.at, "note": given_up + outcome.note}


def attempt_of(landed: Landed) -> Attempt:
    outcome = landed.outcome
    return Attempt(
        delivery_id=landed.delivery.pk,
        number=landed.delivery.attempts + 1,
        at=landed.at,
        ms=outcome.ms,
        delivered=outcome.delivered,
        status=outcome.status,
        note=outcome.note,
        request=outcome.request,
        answer=outcome.answer,
    )


def count_lost(deliveries: Iterable[Delivery]) -> None:
    """Count an attempt whose outcome died with its worker: the receiver may have it, under that number."""
    for delivery in deliveries:
        Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts).update(attempts=F("attempts") + 1)
        delivery.attempts += 1


def hurry_aside(destination: Destination, *, now: datetime) -> None:
    """Try those aside at once: their destination has just recovered."""
    Delivery.objects.open().filter(destination=destination, aside=True).update(due_at=now)
