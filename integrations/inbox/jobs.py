"""Slow work of the inbox: understanding what was received, reading resources again, passing requests on."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError

from integrations.core import clock
from integrations.core.errors import AuthFailed, NotFound, OutboundOff, Paused, PermanentError, TransientError
from integrations.core.ids import correlated
from integrations.core.platforms import Fetch, Fetched, adapter_of
from integrations.core.retry import next_try
from integrations.core.wake import wake, wake_at
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.inbox import services
from integrations.inbox.models import ResourceRefresh
from integrations.inbox.processing import UNEXPECTED, process_all

logger = logging.getLogger(__name__)

PACE = timedelta(seconds=5)
PAUSED_SECONDS = 30.0


def process(claim: Claim) -> None:
    """Understand one webhook."""
    process_all([claim])


def refresh(claim: Claim) -> None:
    """Read one resource again. What is wanted while the read runs makes the row due again."""
    row: ResourceRefresh = claim.row
    started = clock.now()
    order = Fetch(
        connection_id=row.connection_id,
        resource_type=row.resource_type,
        resource_id=row.resource_id,
        started_at=started,
        replay=row.replay,
        claim=claim,
        connection=row.connection,
    )
    with correlated(row.correlation_id):
        try:
            fetched = adapter_of(row.connection.platform).fetch(order)
        except Exception as error:
            _not_fetched(claim, error)
        else:
            _fetched(claim, fetched, started_at=started)


def _fetched(claim: Claim, fetched: Fetched, *, started_at: datetime) -> None:
    row: ResourceRefresh = claim.row
    state = WorkState.SKIPPED if fetched.skipped else WorkState.DONE
    values: dict[str, Any] = {"fetched_at": started_at, "not_before": started_at + PACE}
    if fetched.subject:
        values["subject"] = fetched.subject
    if row.replay:
        values["replay"] = False
    ResourceRefresh.objects.finish(claim, state=state, note=fetched.note, **values)


def _not_fetched(claim: Claim, error: Exception) -> None:
    now, rows = clock.now(), ResourceRefresh.objects.all()
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    if isinstance(error, Paused | OutboundOff):
        due = now + timedelta(seconds=min(error.retry_after or PAUSED_SECONDS, PAUSED_SECONDS))
        rows.put_back(claim, due_at=due, note=str(error))
        wake_at(services.REFRESH_TASK, [due], now=now)
    elif isinstance(error, NotFound):
        _not_found(claim, error)
    elif isinstance(error, TransientError | AuthFailed):  # a refused sign-in is mended by a person: keep queueing
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        due = next_try(now=now, attempts=claim.row.attempts, retry_after=retry_after)
        rows.retry(claim, due_at=due, note=str(error))
        wake(services.REFRESH_TASK, countdown=(due - now).total_seconds())
    elif isinstance(error, PermanentError):
        rows.finish(claim, state=WorkState.FAILED, note=str(error))
    else:
        logger.error("resource %s could not be read", claim.pk, exc_info=error)
        rows.finish(claim, state=WorkState.FAILED, note=UNEXPECTED.format(type(error).__name__, error))


def _not_found(claim: Claim, error: NotFound) -> None:
    """Follow the platform's schedule: a resource may not be readable yet when its webhook arrives."""
    row: ResourceRefresh = claim.row
    schedule = adapter_of(row.connection.platform).not_found_schedule
    tried = row.attempts - 1
    if tried >= len(schedule):
        note = f"{error} It was tried {row.attempts} times; replay it when it exists."
        ResourceRefresh.objects.finish(claim, state=WorkState.FAILED, note=note)
        return
    now = clock.now()
    due = now + timedelta(seconds=schedule[tried])
    ResourceRefresh.objects.retry(claim, due_at=due, note=f"{error} Not readable yet; tried again at the time shown.")
    wake(services.REFRESH_TASK, countdown=schedule[tried])
