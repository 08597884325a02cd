"""Which work order a fact belongs to, by its key, exactly as written."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations.connections.models import Connection
from integrations.workorders import photos
from integrations.workorders.models import Join, JoinedBy, WorkOrder
from integrations.workorders.naming import fault_of, order_called, records_of
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


@transaction.atomic
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
    row = _row(source_type, source_id, connection=connection, read=read)
    fault = _fault(connection, system=system, key=key_read, reason=reason)
    decided = row.joined_by == JoinedBy.OPERATOR and (row.work_order_id or row.dismissed_at)
    if decided or fault or system is None:
        return _left_as_it_is(row, read=read, fault=fault)
    return _joined_by_key(row, order_called(key_read, system=system).work_order, read=read)


def _row(source_type: str, source_id: str, *, connection: Connection, read: dict[str, object]) -> Join:
    """Return the source's row, locked: an operator may decide at the same moment."""
    first = read | {"connection": connection, "workspace_id": connection.workspace_id}
    rows = Join.objects.select_related("work_order").select_for_update(of=("self",))
    return rows.get_or_create(source_type=source_type, source_id=source_id, defaults=first)[0]


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


def _left_as_it_is(row: Join, *, read: dict[str, object], fault: str) -> Joined:
    order = row.work_order
    if order:
        row.save_changes(read)
        return Joined(order, order.subject, records_of(order))
    row.save_changes(read | {"reason": fault[:300] or DISMISSED})
    return Joined(None)


def _joined_by_key(row: Join, order: WorkOrder, *, read: dict[str, object]) -> Joined:
    newly = row.work_order_id != order.pk
    row.save_changes(read | {"work_order_id": order.pk, "reason": "", "joined_at": row.joined_at or timezone.now()})
    if newly:
        photos.follow(row, order=order)
    return Joined(order, order.subject, records_of(order), newly=newly)
