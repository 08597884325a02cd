"""Rows that the tests of work orders start from."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from integrations.connections.models import Connection
from integrations.workorders.models import Join, WorkOrder
from integrations.workorders.services import Joined, join, put_work_order

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = count(1)


def make_connection(slug: str = "", **values: Any) -> Connection:
    slug = slug or f"system-{next(_numbers)}"
    return Connection.objects.create(**{"slug": slug, "name": slug, "platform": "generic"} | values)


def make_order(external_id: str, *, system: Connection, **values: Any) -> WorkOrder:
    return put_work_order(system=system, external_id=external_id, values=values, now=NOON).work_order


def join_session(connection: Connection, *, key: str = "", system: Connection | None = None, **values: Any) -> Joined:
    fact: dict[str, Any] = {
        "source_type": "worklink.session",
        "source_id": "1",
        "title": "Replace pump",
        "key_name": "work_order_id" if key else "",
        "occurred_at": NOON,
        "joined_event": "session.joined",
    }
    return join(**fact | values | {"connection": connection, "key_read": key, "system": system})


def the_join() -> Join:
    return Join.objects.get()
