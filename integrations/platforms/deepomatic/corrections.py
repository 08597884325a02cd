"""Corrections made here, made there too: found out by reading first, so that none is made twice."""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError

from integrations.camera.models import Engine, Input
from integrations.camera.services.pictures import group_of
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.errors import (
    AuthFailed,
    FieldportError,
    Forbidden,
    NotFound,
    OutboundOff,
    Paused,
    PermanentError,
    TransientError,
    Unsure,
)
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.platforms.deepomatic import orders
from integrations.platforms.deepomatic.client import DeepomaticClient
from integrations.platforms.deepomatic.engine import read_names
from integrations.platforms.deepomatic.models import CORRECT_TASK, CorrectionPush
from integrations.platforms.deepomatic.options import LABEL

logger = logging.getLogger(__name__)

TRIED_FOR, PAUSED_FOR = timedelta(hours=72), timedelta(seconds=30)
OFF = "The connection does not send corrections."
NOT_THERE = "The photo is judged by somebody else."
WAS_THERE = "It was corrected so already."


def push(claim: Claim) -> None:
    """Make one correction at the vendor. Safe to repeat: what is corrected there is not corrected again."""
    row: CorrectionPush = claim.row
    with correlated(row.correlation_id):
        try:
            state, note = _pushed(row, claim)
        except Exception as error:  # the edge of a job: one correction must not stop the others
            _not_pushed(claim, error)
        else:
            CorrectionPush.objects.finish(claim, state=state, note=note)


def _pushed(row: CorrectionPush, claim: Claim) -> tuple[WorkState, str]:
    connection = row.order.connection
    photo = Input.objects.select_related("item__group", "item__order").filter(uuid=row.input_uuid).first()
    engines = (Engine.DEEPOMATIC, Engine.HAND_OVER)
    group = photo.item.group if photo else None
    if photo is None or group is None or group.engine not in engines or group.engine_connection_id != connection.pk:
        return WorkState.SKIPPED, NOT_THERE
    if not connection.setting("send_corrections"):
        return WorkState.SKIPPED, OFF
    names = read_names(group_of(photo))
    client = DeepomaticClient(open_client(connection, claim=claim, for_writes=True))
    return _corrected(row, client, group=names.group, task=names.of(row.task))


def _corrected(row: CorrectionPush, client: DeepomaticClient, *, group: str, task: str) -> tuple[WorkState, str]:
    """Read, then write: the task's id is that of the vendor's present version (4.8), and a correction is final."""
    order_id = row.order.external_id
    tasks = client.retrieve(order_id, inputs=False).tasks_of(group)
    there = next((each for each in tasks if each.name == task), None)
    if there is None:
        raise PermanentError(f"{LABEL}'s work order {order_id} has no task {task!r}.")
    if there.corrected is not None:
        if there.corrected == row.value:
            return WorkState.DONE, WAS_THERE
        raise PermanentError(f"{LABEL} has another correction of {task!r}, {there.corrected!r}; it is final there.")
    try:
        client.correct(order_id, there.id, row.value)
    except NotFound as error:  # a new version came between the two requests: its ids are others
        raise TransientError(str(error), status=error.status) from error
    return WorkState.DONE, ""


def _not_pushed(claim: Claim, error: Exception) -> None:
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    now, rows = clock.now(), CorrectionPush.objects.all()
    if isinstance(error, Unsure):
        error = orders.settled_after(error, claim.row.order.connection)
    if isinstance(error, Paused | OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError | AuthFailed | Forbidden) and not _tried_for_long(claim):
        wait = error.retry_after if isinstance(error, TransientError) else None
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=wait)
        rows.retry(claim, due_at=due_at, note=str(error))
        wake(CORRECT_TASK, countdown=(due_at - now).total_seconds())
    else:
        if not isinstance(error, FieldportError):
            logger.error("correction %s could not be sent", claim.pk, exc_info=error)
        rows.finish(claim, state=WorkState.FAILED, note=str(error))


def _tried_for_long(claim: Claim) -> bool:
    return expired(since=claim.row.retry_since, now=clock.now(), longest=TRIED_FOR)
