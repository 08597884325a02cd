"""A trial's run: brought as far as it goes now, and what becomes of it when it cannot go on."""

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from integrations.core import clock
from integrations.core.errors import AuthFailed, FieldportError, OutboundOff, Paused, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.readiness.choices import Stage
from integrations.readiness.models import FieldTrial
from integrations.readiness.stages import Later, Over, Trial, loud
from integrations.readiness.trials import TASK
from integrations.sync.expressions import ExpressionError
from integrations.sync.scripted import Waiting
from integrations.sync.templates import TemplateError

logger = logging.getLogger(__name__)

PAUSED_FOR = timedelta(seconds=30)
BEFORE_IT, RESTORING = timedelta(minutes=10), timedelta(hours=72)


def run_trial(claim: Claim) -> None:
    """Bring a trial as far as it goes now. :raises LeaseLost:"""
    trial: FieldTrial = claim.row
    rows = FieldTrial.objects.all()
    with correlated(trial.correlation_id):
        try:
            Trial(claim).go_on()
        except Over as over:
            rows.finish(claim, state=over.state, note=over.note, **over.values)
        except (Later, Waiting) as later:
            _try_later(claim, str(later), due_at=later.due_at)
        except (Paused, OutboundOff) as error:
            rows.put_back(claim, due_at=clock.now() + PAUSED_FOR, note=loud(trial, str(error)))
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except (TransientError, AuthFailed) as error:
            _wait_or_end(claim, error)
        except Exception as error:  # the edge of a job
            if not isinstance(error, FieldportError | TemplateError | ExpressionError):
                logger.exception("trial %s failed inside", trial.pk)
            _end(claim, str(error))


def _try_later(claim: Claim, note: str, *, due_at: datetime) -> None:
    FieldTrial.objects.all().retry(claim, due_at=due_at, note=loud(claim.row, note))
    wake(TASK, countdown=min(max((due_at - clock.now()).total_seconds(), 0), 60))


def _wait_or_end(claim: Claim, error: FieldportError) -> None:
    trial, now = claim.row, clock.now()
    longest = RESTORING if trial.stage == Stage.WRITTEN else BEFORE_IT
    if not expired(since=trial.retry_since, now=now, longest=longest):
        retry_after = getattr(error, "retry_after", None)
        _try_later(claim, str(error), due_at=next_try(now=now, attempts=trial.attempts, retry_after=retry_after))
    else:
        _end(claim, str(error))


def _end(claim: Claim, note: str) -> None:
    trial: FieldTrial = claim.row
    untouched = {"stage": Stage.UNTOUCHED} if trial.stage == Stage.ASKED else {"restores": trial.restores + 1}
    FieldTrial.objects.all().finish(claim, state=WorkState.FAILED, note=loud(trial, note), **untouched)
