"""Having objects read again by their ids: what is new to us, and what is still open."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.platforms import Notice
from integrations.inbox.services import want_resources
from integrations.platforms.worklink.kinds import Kind

# An open object is read again at most so often, and the less the older it is.
OPEN_PACE, OPEN_SHARE, MOST_OPEN = timedelta(minutes=10), 48, 500
VERB = "reconciled"


def want(connection_id: int, kind: Kind[Any], ids: Iterable[str]) -> None:
    want_resources(connection_id, [Notice(kind.resource_type, each, VERB) for each in ids], now=clock.now())


def stored(connection_id: int, kind: Kind[Any]) -> Any:
    """Return what is stored of a connection, with the columns that a walk compares."""
    columns = ("resource_id", "vendor_state", "ended_at", "read_at", "started_at")
    return kind.model._default_manager.filter(connection=connection_id).only(*columns)


def reread(connection: Connection, kind: Kind[Any]) -> int:
    """Have read again what is still open, or was not read whole; return how many."""
    now = clock.now()
    rows = stored(connection.pk, kind).filter(Q(ended_at__isnull=True) | Q(incomplete=True))
    rows = rows.filter(read_at__lt=now - OPEN_PACE).order_by("read_at")[:MOST_OPEN]
    stale = [row.resource_id for row in rows if now - row.read_at >= (now - (row.started_at or now)) / OPEN_SHARE]
    want(connection.pk, kind, stale)
    return len(stale)
