"""Understanding what was received: many webhooks in one transaction, since none of it waits for anybody.

A batch that fails is done again one by one, so that one webhook cannot stop the others.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from integrations.core import clock
from integrations.core.ids import correlated
from integrations.core.platforms import Notice, Partly, Received, Unreadable, Unwanted, adapter_of
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.inbox import services
from integrations.inbox.models import ReceivedWebhook, WebhookRelay

logger = logging.getLogger(__name__)

BATCH = 50
UNEXPECTED = "Unexpected {}: {}. The worker's log has the details; after the cause is removed, replay this row."
NOTHING_KNOWN = (OperationalError, InterfaceError, LeaseLost)
FINISH = """
UPDATE inbox_receivedwebhook SET state = %s, note = %s, resource_type = COALESCE(%s, resource_type),
resource_id = COALESCE(%s, resource_id), verb = COALESCE(%s, verb),
finished_at = %s, claim_token = NULL, deaths = 0, retry_since = NULL
WHERE id = %s AND state = 'RUNNING' AND claim_token = %s
"""


@dataclass(frozen=True)
class Understood:
    """What came of one webhook."""

    claim: Claim
    state: WorkState = WorkState.DONE
    note: str = ""
    named: Notice | None = None
    notices: Sequence[Notice] = field(default_factory=tuple)

    @property
    def row(self) -> ReceivedWebhook:
        row: ReceivedWebhook = self.claim.row
        return row

    @property
    def replay(self) -> bool:
        return self.row.replays > 0

    def ending(self) -> tuple[Any, ...]:
        """Return the values of FINISH. Without a notice the row keeps the name that an adapter's `take` gave it."""
        named, token = self.named, self.claim.token
        name = (named.resource_type[:60], named.resource_id[:255], named.verb[:40]) if named else (None, None, None)
        return (
            self.state,
            self.note,
            *name,
            connection.ops.adapt_datetimefield_value(timezone.now()),
            self.row.pk,
            token if connection.features.has_native_uuid_field else token.hex,
        )


def process_all(claims: Sequence[Claim]) -> None:
    """Understand webhooks, mark the resources they name as wanted and end the rows, all in one transaction.

    :raises LeaseLost: if another worker holds one of the rows; then nothing of the batch is written
    """
    try:
        with transaction.atomic():
            _process(claims)
    except NOTHING_KNOWN:
        raise
    except Exception as error:  # the edge of a job: one webhook must not stop the others
        if len(claims) == 1:
            _fail(claims[0], error)
            return
        for claim in claims:
            process_all([claim])


def _process(claims: Sequence[Claim]) -> None:
    understood = [_understand(claim) for claim in claims]
    _relay([each.row for each in understood])
    _want(understood)
    _finish(understood)


def _fail(claim: Claim, error: Exception) -> None:
    logger.error("webhook %s could not be processed", claim.pk, exc_info=error)
    note = UNEXPECTED.format(type(error).__name__, error).replace("\0", "\N{REPLACEMENT CHARACTER}")
    with transaction.atomic():
        _finish([Understood(claim, WorkState.FAILED, note)])


def _understand(claim: Claim) -> Understood:
    row: ReceivedWebhook = claim.row
    adapter = adapter_of(row.source.connection.platform)
    received = _received(row)
    try:
        with correlated(row.correlation_id):
            notices = list(adapter.notices(received))
            if notices:
                return Understood(claim, named=notices[0], notices=notices)
            with transaction.atomic():
                told = adapter.take(received)
            if isinstance(told, Partly):
                return Understood(claim, WorkState.FAILED, told.note)
            return Understood(claim, note=told)
    except Unreadable as error:
        return Understood(claim, WorkState.FAILED, str(error))
    except Unwanted as error:
        return Understood(claim, WorkState.SKIPPED, str(error), named=error.notice)


def _received(row: ReceivedWebhook) -> Received:
    return Received(
        id=row.pk,
        source_id=row.source_id,
        connection_id=row.source.connection_id,
        incoming=row.incoming(),
        received_at=row.received_at,
        replay=row.replays > 0,
    )


def _relay(rows: Sequence[ReceivedWebhook]) -> None:
    wanted = [row for row in rows if row.source.relay_url and not row.replays]
    if wanted:
        relays = [WebhookRelay(webhook=row, correlation_id=row.correlation_id) for row in wanted]
        WebhookRelay.objects.bulk_create(relays, ignore_conflicts=True)
        wake("inbox.relay")


def _want(understood: Sequence[Understood]) -> None:
    def group(each: Understood) -> tuple[int, bool]:
        return each.row.source.connection_id, each.replay

    named = sorted((each for each in understood if each.notices), key=group)
    for (connection_id, replay), members in groupby(named, key=group):
        wanted = {
            (notice.resource_type[:60], notice.resource_id[:255]): each.row.correlation_id
            for each in members
            for notice in each.notices
        }
        services.want_all(connection_id, wanted, now=clock.now(), replay=replay)


def _finish(understood: Sequence[Understood]) -> None:
    with connection.cursor() as cursor:
        # In the order in which a read that notes their subject locks them.
        ended = sorted(understood, key=lambda each: each.row.pk)
        cursor.executemany(FINISH, [each.ending() for each in ended])
        if cursor.rowcount != len(understood):
            raise LeaseLost
