"""Keeping objects of the CMS: the latest reading wins, whatever order the readings end in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection as database

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.inserting import insert
from integrations.core.safe_json import storable
from integrations.core.statements import Reading as RowReading
from integrations.core.statements import update
from integrations.platforms.worklink.client import Reading
from integrations.platforms.worklink.mapping import content_hash, content_of, iso
from integrations.platforms.worklink.models import Stored

Row = TypeVar("Row", bound=Stored)

NEWER_STORED = "A later reading is stored already; this one changed nothing."
STAYS_FINAL = "WorkLink showed it as open again; what is finished here stays finished."


@dataclass(frozen=True)
class Kept(Generic[Row]):
    """What came of storing a reading. `refused` says why it was not stored."""

    row: Row
    changed: bool
    refused: str = ""


def keep(
    model: type[Row],
    connection: Connection,
    resource_id: str,
    *,
    reading: Reading,
    columns: Mapping[str, Any],
    read_at: datetime,
) -> Kept[Row]:
    """Store a reading in the caller's transaction, if it started later than the stored one's and goes not back."""
    document = content_of(reading.document)
    digest = content_hash(document)
    values = storable(dict(columns)) | {
        "document": document,  # storable already: it was read by safe_json
        "content_hash": digest,
        "incomplete": bool(reading.gaps),
        "read_at": read_at,
        "changed_at": read_at,
        "stored_at": clock.now(),
    }
    rows = _locked(model, database.features.has_select_for_update)
    known = rows.rows(connection.pk, resource_id)
    if not known:
        row = model(connection=connection, resource_id=resource_id, generation=1, **values)
        if insert(row):
            return Kept(row, changed=True)
        known = rows.rows(connection.pk, resource_id)  # another worker was first
    return _updated(known[0], values)


@lru_cache(maxsize=8)
def _locked(model: type[Row], lock: bool) -> RowReading[Row]:
    return RowReading(model, f"WHERE connection_id = %s AND resource_id = %s{' FOR UPDATE' if lock else ''}")


def _updated(row: Row, values: dict[str, Any]) -> Kept[Row]:
    read_at = values["read_at"]
    refused = STAYS_FINAL if row.ended_at and not values["ended_at"] else ""
    changed = not refused and row.content_hash != values["content_hash"]
    written = values | {"generation": row.generation + 1} if changed else {"read_at": read_at}
    if not refused and not changed:
        # `seconds` follows the calibration of its unit, not only the content.
        noted = {"incomplete": values["incomplete"], "seconds": values["seconds"]}
        if any(getattr(row, name) != value for name, value in noted.items()):
            written |= noted | {"stored_at": values["stored_at"]}
    as_known = {"id": row.pk, "read_at": row.read_at}
    if read_at <= row.read_at or not update(type(row), where=as_known, values=written):
        return Kept(row, changed=False, refused=NEWER_STORED)
    for name, value in written.items():
        setattr(row, name, value)
    return Kept(row, changed=changed, refused=refused)


def described(row: Stored) -> str:
    return f"{row.database_id or row.resource_id}, {iso(row.started_at) or 'no start'}"
