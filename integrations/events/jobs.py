"""Fetching the pictures that recognition events name, each once, before the platform drops it."""

import logging
from datetime import UTC, timedelta

from django.db import InterfaceError, OperationalError

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock, files, images
from integrations.core.errors import (
    AuthFailed,
    FieldportError,
    NotFound,
    OutboundOff,
    Paused,
    PermanentError,
    TransientError,
)
from integrations.core.ids import correlated, random_token
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.events.models import PICTURE_TASK, Picture

logger = logging.getLogger(__name__)

FOLDER = "recognitions"
TRIED_FOR = timedelta(hours=72)
# An agent may upload a picture after the event that names it (sheet, 8.3: late uploads).
NOT_THERE_FOR = timedelta(minutes=15)
PAUSED_FOR = timedelta(seconds=30)
NO_CONNECTION = "The connection that it was to be fetched from was deleted."


def fetch(claim: Claim) -> None:
    """Fetch one picture, and keep it encoded anew: what is served is never what came.

    The file is written under a name of its own before the row names it; what a death in between leaves behind goes by
    the daily sweep. Safe to repeat: a former file goes after the row names the new one.
    """
    row: Picture = claim.row
    with correlated(row.correlation_id):
        try:
            image = images.clean(_asked(row, claim))
            at = clock.now()
            name = f"{FOLDER}/{at.astimezone(UTC):%Y-%m-%d}/{random_token(24)}.{image.extension}"
            name = files.save(name, image.content)
        except Exception as error:  # the edge of a job: one picture must not stop the others
            _not_fetched(claim, error)
            return
        kept = Picture.objects.finish(
            claim,
            state=WorkState.DONE,
            file=name,
            stored_at=at,
            content_type=image.content_type,
            bytes=len(image.content),
            width=image.width,
            height=image.height,
        )
        files.discard(filter(None, [str(row.file.name or "")] if kept else [name]))


def _asked(row: Picture, claim: Claim) -> bytes:
    try:
        connection = Connection.remembered(row.connection_id or 0)
    except Connection.DoesNotExist:
        raise PermanentError(NO_CONNECTION) from None
    http = open_client(connection, claim=claim)
    http.max_bytes = images.MAX_BYTES
    return http.request("GET", row.address).content


def _not_fetched(claim: Claim, error: Exception) -> None:
    now, rows = clock.now(), Picture.objects.all()
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    if isinstance(error, Paused | OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
        return
    longest = _tried_for(error)
    if longest and not expired(since=claim.row.retry_since, now=now, longest=longest):
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=retry_after)
        rows.retry(claim, due_at=due_at, note=str(error))
        wake(PICTURE_TASK, countdown=(due_at - now).total_seconds())
        return
    if not isinstance(error, FieldportError):
        logger.error("picture %s could not be kept", claim.pk, exc_info=error)
    rows.finish(claim, state=WorkState.FAILED, note=str(error) or type(error).__name__)


def _tried_for(error: Exception) -> timedelta | None:
    """Say for how long a picture is asked for again; None: it is not."""
    if isinstance(error, NotFound):
        return NOT_THERE_FOR if error.status == 404 else None
    return TRIED_FOR if isinstance(error, TransientError | AuthFailed) else None
