"""Putting messages into the outbox: many at once, each for many destinations, in a few statements."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from integrations.core.ids import current_correlation_id
from integrations.core.wake import wake_at
from integrations.core.work import ENDED_STATES
from integrations.outbox.models import DELIVER_TASK, DeliveryState, Destination, Message
from integrations.outbox.models.deliveries import JSON_TYPE


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message and the numbers of the destinations it goes to. `uid` is its stable id; `body` is sent as it is."""

    uid: str
    type: str
    body: str
    destinations: Collection[int]
    cursor: str = ""
    content_type: str = JSON_TYPE
    subject: str = ""
    correlation_id: str = field(default_factory=current_correlation_id)


def enqueue(workspace_id: int, outgoing: Sequence[Outgoing], *, now: datetime) -> int:
    """Queue messages in the caller's transaction, in the order given; return how many deliveries are new.

    A message is known by its `uid` in the workspace, a delivery by message and destination: what is known stays as it
    is. Destinations of other workspaces, and deleted ones, are passed over. About seven statements, however many.
    """
    meant = [each for each in outgoing if each.destinations]
    if not meant:
        return 0
    with transaction.atomic():
        messages = _kept(workspace_id, meant, now=now)
        pairs = [(messages[each.uid], pk) for each in meant for pk in sorted(set(each.destinations))]
        locked = lock(workspace_id, {pk for _, pk in pairs})
        count = _insert([pair for pair in pairs if pair[1] in locked], now=now)
        want(locked, now=now)
    return count


def lock(workspace_id: int, pks: Iterable[int]) -> dict[int, Destination]:
    """Lock destinations, always in the same order, so that two who queue never wait for each other."""
    rows = Destination.objects.kept().filter(workspace=workspace_id, pk__in=pks).order_by("pk")
    return {row.pk: row for row in rows.select_for_update().only("state", "not_before")}


def want(locked: Mapping[int, Destination], *, now: datetime) -> None:
    """Let locked destinations send what is new: now, or as soon as their rate allows."""
    Destination.objects.filter(pk__in=locked).want(now=now)
    rested = (row for row in locked.values() if row.state in ENDED_STATES)
    wake_at(DELIVER_TASK, [now, *(row.not_before for row in rested if row.not_before)], now=now)


def _kept(workspace_id: int, outgoing: Sequence[Outgoing], *, now: datetime) -> dict[str, int]:
    """Insert the messages that are not known; return the numbers of all."""
    rows = [
        Message(
            workspace_id=workspace_id,
            uid=each.uid,
            type=each.type,
            cursor=each.cursor,
            content_type=each.content_type,
            body=each.body,
            subject=each.subject,
            correlation_id=each.correlation_id,
            created_at=now,
        )
        for each in outgoing
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    uids = [each.uid for each in outgoing]
    return dict(Message.objects.filter(workspace=workspace_id, uid__in=uids).values_list("uid", "pk"))


# The rows differ in two numbers only: the database makes them from one parameter.
_PAIRS = {
    "postgresql": "SELECT (p->>0)::bigint AS message, (p->>1)::bigint AS destination "
    "FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS e(p, at) ORDER BY at",
    "sqlite": "SELECT json_extract(value, '$[0]') AS message, json_extract(value, '$[1]') AS destination "
    "FROM json_each(%s) ORDER BY key",
}
_INSERT = """
INSERT INTO outbox_delivery
    (message_id, destination_id, state, attempts, tries, aside, due_at, queued_at, note)
SELECT message, destination, %s, 0, 0, %s, %s, %s, '' FROM ({pairs}) AS pairs
WHERE true ON CONFLICT DO NOTHING
"""


def _insert(pairs: Sequence[tuple[int, int]], *, now: datetime) -> int:
    time = connection.ops.adapt_datetimefield_value(now)
    sql = _INSERT.format(pairs=_PAIRS[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [DeliveryState.WAITING, False, time, time, json.dumps(pairs)])
        return int(cursor.rowcount)
