"""The slow work of hand-overs: getting ready before the user goes, reading what was taken when they are back."""

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from integrations.camera.engines.contract import Report
from integrations.camera.models import HAND_OVER_TASK, HandOver, Phase
from integrations.camera.services import handing
from integrations.core import clock
from integrations.core.errors import FieldportError, OutboundOff, Paused, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState

logger = logging.getLogger(__name__)

# A user waits before they go: after so long they take the photo here. What was taken over there is read for a day.
TRIED_FOR = {Phase.GOING: timedelta(seconds=20), Phase.BACK: timedelta(hours=24)}
PAUSED_FOR = timedelta(seconds=30)
RELATED = ("visit__order", "visit__token", "item__group__engine_connection", "item__order__site__connection")


def run(claim: Claim) -> None:
    """Do what the phase asks for. Safe to repeat: a photo is stored once."""
    with correlated(claim.row.correlation_id):
        row = HandOver.objects.select_related(*RELATED).get(pk=claim.pk)
        row.visit.order = row.item.order
        try:
            _going(row, claim) if row.phase == Phase.GOING else _back(row, claim)
        except Exception as error:  # the edge of a job: one hand-over must not stop the others
            _not_done(claim, error)


def _going(row: HandOver, claim: Claim) -> None:
    marks = handing.engine_of(row, claim=claim).prepare(handing.journey_of(row), report=_reporter(claim))
    HandOver.objects.finish(claim, state=WorkState.DONE, phase=Phase.AWAY, marks=dict(marks), step="")


def _back(row: HandOver, claim: Claim) -> None:
    journey = handing.journey_of(row, now=clock.now())
    returned = handing.engine_of(row, claim=claim).come_back(journey, report=_reporter(claim))
    handing.keep(row, claim, returned, now=clock.now())


def _reporter(claim: Claim) -> Report:
    """Tell whoever waits what goes on; it also keeps the work ours."""

    def report(step: str) -> None:
        claim.renew(now=clock.now())
        HandOver.objects.held(claim).update(step=step[:60])

    return report


def _not_done(claim: Claim, error: Exception) -> None:
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    now, rows, phase = clock.now(), HandOver.objects.all(), Phase(claim.row.phase)
    waits = phase != Phase.GOING
    if isinstance(error, Paused | OutboundOff) and waits:
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError) and not _in_vain(claim, error, now=now):
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=error.retry_after, longest=60)
        rows.retry(claim, due_at=due_at, note=str(error))
        wake(HAND_OVER_TASK, countdown=(due_at - now).total_seconds())
    else:
        if not isinstance(error, FieldportError):
            logger.error("hand-over %s failed inside", claim.pk, exc_info=error)
        rows.finish(claim, state=WorkState.FAILED, note=str(error))


def _in_vain(claim: Claim, error: TransientError, *, now: datetime) -> bool:
    longest = TRIED_FOR[Phase(claim.row.phase)]
    if claim.row.phase == Phase.GOING and isinstance(error, Paused | OutboundOff):
        return True
    return expired(since=claim.row.retry_since, now=now, longest=longest)
