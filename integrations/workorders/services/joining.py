"""Which work order a fact belongs to, by its key, exactly as written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.core.inserting import insert
from integrations.core.statements import Reading
from integrations.workorders import photos
from integrations.workorders.models import Join, JoinedBy, WorkOrder
from integrations.workorders.naming import Named, fault_of, order_called, records_of
from integrations.workorders.values import keepable

NO_KEY = "No work order key was found in it. Assign a work order, or dismiss it."
NO_SYSTEM = "It has a key, but which system of record the key belongs to is not known. Assign a work order."
OTHER_WORKSPACE = "Its key belongs to a system of record of another workspace. Assign a work order of its own."
DISMISSED = "It was dismissed by an operator; since then a key was read. Assign the work order if it belongs to one."


@dataclass(frozen=True)
class Joined:
    """What came of a join. `newly`: this call joined the source, or moved it to another order."""

    work_order: WorkOrder | None
    subject: str = ""
    records: dict[str, str] = field(default_factory=dict)
    newly: bool = False


@transaction.atomic(savepoint=False)
def join(
    *,
    connection: Connection,
    source_type: str,
    source_id: str,
    title: str,
    key_name: str,
    key_read: str,
    system: Connection | None,
    occurred_at: datetime,
    joined_event: str,
    reason: str = "",
) -> Joined:
    """Join a source to the order that its key names; without a usable key it waits in Unmatched.

    An order that is not known yet becomes a stub. Idempotent. An operator's choice stays, and so does an earlier join
    when the key can no longer be read. `reason` says why there is no key or no system, where the caller knows better.
    """
    read = {
        "title": keepable(title)[:300],
        "key_name": keepable(key_name)[:64],
        "key_read": keepable(key_read)[:300],
        "occurred_at": occurred_at,
        "joined_event": joined_event,
    }
    fault = _fault(connection, system=system, key=key_read, reason=reason)
    key = None if fault or system is None else _Key(system, key_read)
    row = _locked(source_type, source_id)
    if row is None:
        source = {"source_type": source_type, "source_id": source_id, "workspace_id": connection.workspace_id}
        first = Join(**source, **read, connection=connection)
        if joined := _joined_first(first, key=key, fault=fault):
            return joined
        row = _locked(source_type, source_id)  # another worker was first, and has committed
        assert row is not None
    if key is None or (row.joined_by == JoinedBy.OPERATOR and (row.work_order_id or row.dismissed_at)):
        return _left_as_it_is(row, read=read, fault=fault)
    return _joined_by_key(row, key=key, read=read)


@dataclass(frozen=True)
class _Key:
    system: Connection
    external_id: str


SOURCE = "WHERE source_type = %s AND source_id = %s"
ROWS, ROWS_LOCKED = Reading(Join, SOURCE), Reading(Join, f"{SOURCE} FOR UPDATE")
ORDERS = Reading(WorkOrder, "WHERE t.id = %s")


def _locked(source_type: str, source_id: str) -> Join | None:
    """Return the row of a source with its order, locked: an operator may decide at the same moment."""
    rows = ROWS_LOCKED if database.features.has_select_for_update else ROWS
    found = rows.rows(source_type, source_id)
    if not found:
        return None
    if found[0].work_order_id:
        found[0].work_order = ORDERS.rows(found[0].work_order_id)[0]
    return found[0]


def _joined_first(row: Join, *, key: _Key | None, fault: str) -> Joined | None:
    """Insert the first row of a source; None if there is one meanwhile."""
    if key is None:
        row.reason = fault[:300]
        return Joined(None) if insert(row) else None
    named = order_called(key.external_id, system=key.system)
    row.work_order, row.joined_at = named.work_order, timezone.now()
    if insert(row):
        return _joined(row, named, key=key)
    if named.created:
        named.work_order.delete()
    return None


def _fault(connection: Connection, *, system: Connection | None, key: str, reason: str) -> str:
    if reason:
        return reason
    if not key:
        return NO_KEY
    if system is None:
        return NO_SYSTEM
    if system.workspace_id != connection.workspace_id:
        return OTHER_WORKSPACE
    return fault_of(key)


def _left_as_it_is(row: Join, *, read: dict[str, Any], fault: str) -> Joined:
    order = row.work_order
    if order:
        row.save_changes(read)
        return Joined(order, order.subject, records_of(order))
    row.save_changes(read | {"reason": fault[:300] or DISMISSED})
    return Joined(None)


def _joined_by_key(row: Join, *, key: _Key, read: dict[str, Any]) -> Joined:
    if (order := row.work_order) and (records := records_of(order)).get(str(key.system.pk)) == key.external_id:
        row.save_changes(read | {"reason": ""})
        return Joined(order, order.subject, records)
    named = order_called(key.external_id, system=key.system)
    row.save_changes(read | {"work_order_id": named.work_order.pk, "reason": "", "joined_at": timezone.now()})
    return _joined(row, named, key=key)


def _joined(row: Join, named: Named, *, key: _Key) -> Joined:
    photos.follow(row, order=named.work_order)
    records = {str(key.system.pk): key.external_id} if named.created else records_of(named.work_order)
    return Joined(named.work_order, named.work_order.subject, records, newly=True)
