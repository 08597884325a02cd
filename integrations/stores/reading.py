"""Portions of the tables for analysts: objects in the order of their changes, or of a period, with what hangs on them.

A portion is bounded, and so is the memory that a load takes, however much there is.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from integrations.core.analyst_tables import Family, Table

PORTION = 5_000
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Bounds:
    """Which rows of a family's first table are meant: `by` is the column of time, from after `start` until `end`.

    `start`: the time and the id of the last row that was read; None: from the first. `least`: nothing before it.
    """

    by: str
    start: tuple[datetime, int] | None
    least: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Portion:
    """The rows of each table, in the order of its columns, and the place of the last object."""

    rows: Mapping[str, Rows]
    last: tuple[datetime, int]
    objects: int

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(rows) for name, rows in self.rows.items()}


def columns_mark(family: Family) -> str:
    """Return what tells whether the tables have gained a column."""
    told = [[table.name, [(each.name, each.type) for each in table.columns]] for table in family.tables]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def count(family: Family, bounds: Bounds) -> int:
    where, values = _where(family, bounds)
    found = _all(f"SELECT COUNT(*) FROM {family.tables[0].view} WHERE {where}", values)  # noqa: S608  names of ours
    return int(found[0][0])


def portion(family: Family, bounds: Bounds, *, most: int = PORTION) -> Portion | None:
    """Read the next objects with their rows; None if none is left."""
    first = family.tables[0]
    where, values = _where(family, bounds)
    names = ", ".join(column.name for column in first.columns)
    order = f"ORDER BY {bounds.by}, {family.id} LIMIT {most}"
    rows = _typed(first, _all(f"SELECT {names} FROM {first.view} WHERE {where} {order}", values))  # noqa: S608
    if not rows:
        return None
    place = [column.name for column in first.columns]
    at, identity = place.index(bounds.by), place.index(family.id)
    ids = [row[identity] for row in rows]
    below = {table.name: _of(table, family.id, ids) for table in family.tables[1:]}
    return Portion({first.name: rows, **below}, (rows[-1][at], rows[-1][identity]), len(rows))


def _of(table: Table, identity: str, ids: Sequence[int]) -> Rows:
    names = ", ".join(column.name for column in table.columns)
    listed = ", ".join(str(int(each)) for each in ids)
    text = f"SELECT {names} FROM {table.view} WHERE {identity} IN ({listed})"  # noqa: S608  numbers only
    return _typed(table, _all(text, []))


def _where(family: Family, bounds: Bounds) -> tuple[str, list[Any]]:
    """Return the condition. Comparing the pair lets the index on time and id be used."""
    by, parts, values = bounds.by, [f"{bounds.by} IS NOT NULL"], []
    if bounds.start is not None:
        parts.append(f"({by}, {family.id}) > (%s, %s)")
        values += [_time(bounds.start[0]), bounds.start[1]]
    if bounds.least is not None:
        parts.append(f"{by} >= %s")
        values.append(_time(bounds.least))
    if bounds.end is not None:
        parts.append(f"{by} < %s")
        values.append(_time(bounds.end))
    return " AND ".join(parts), values


def _time(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _all(text: str, values: list[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())


def _typed(table: Table, rows: Rows) -> Rows:
    """Return rows whose times and truths are such on SQLite, too."""
    kinds = [column.type for column in table.columns]
    return [tuple(_value(kind, value) for kind, value in zip(kinds, row, strict=True)) for row in rows]


def _value(kind: str, value: Any) -> Any:
    if value is None or kind not in ("time", "truth"):
        return value
    if kind == "truth":
        return bool(value)
    at = parse_datetime(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def range_of(table: Table, identity: str, start: int, end: int) -> Rows:
    """Return the rows of all objects with an id from `start` until before `end`, in the order of their keys."""
    names = ", ".join(column.name for column in table.columns)
    where = f"{identity} >= {int(start)} AND {identity} < {int(end)} ORDER BY {', '.join(table.key)}"
    return _typed(table, _all(f"SELECT {names} FROM {table.view} WHERE {where}", []))  # noqa: S608  names of ours
