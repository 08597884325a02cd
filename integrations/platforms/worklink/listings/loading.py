"""Tables that people bring: kept as they came, shown before anything is written, then loaded whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.connections.models import Connection
from integrations.core.errors import PermanentError
from integrations.core.tables import Columns, Limits, Row, Table
from integrations.platforms.worklink.models import Lists, TableLoad

# They are loaded while a person waits, in one transaction.
LIMITS = Limits(rows=5_000)


@dataclass
class Line:
    """One row of a table: its cells, what it will do in words, and why it cannot."""

    number: int
    cells: dict[str, str]
    errors: list[str] = field(default_factory=list)
    does: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a table would do to a connection as it is now. `write()` does it, inside the caller's transaction."""

    lines: list[Line]
    write: Callable[[datetime], None]

    @property
    def faulty(self) -> list[Line]:
        return [line for line in self.lines if line.errors]

    @property
    def effects(self) -> int:
        """How many rows change something."""
        return sum(bool(line.does) for line in self.lines)


@dataclass(frozen=True)
class Loader:
    """One kind of table: its columns, and how a plan is made of its lines."""

    columns: Columns
    plan: Callable[[Connection, list[Line]], Plan]


_loaders: dict[str, Loader] = {}


def register(lists: str, loader: Loader) -> None:
    _loaders[lists] = loader


def columns_of(lists: str) -> Columns:
    return _loaders[lists].columns


def bring(table: Table, *, connection: Connection, lists: Lists, name: str, by: str, now: datetime) -> TableLoad:
    """Keep a table as it came; nothing of it is written yet."""
    rows = [
        [row.number, {key: text for key, text in row.cells.items() if text}, list(row.faults)] for row in table.rows
    ]
    return TableLoad.objects.create(
        connection=connection,
        lists=lists,
        name=name[:200] or "table",
        form=table.form[:100],
        rows=rows,
        brought_by=by,
        brought_at=now,
    )


def plan_of(load: TableLoad) -> Plan:
    """Return what the table would do now."""
    loader = _loaders[load.lists]
    lines = [_line(Row(number, cells, tuple(faults)), loader.columns) for number, cells, faults in load.rows]
    return loader.plan(load.connection, lines)


def _line(row: Row, columns: Columns) -> Line:
    return Line(row.number, {name: row.cells.get(name, "") for name in columns.known}, list(row.faults))


@transaction.atomic
def write(load: TableLoad, *, now: datetime) -> str:
    """Load a table whole; return what came of it. :raises PermanentError: if a row has errors; nothing is written"""
    Connection.objects.select_for_update().only("pk").get(pk=load.connection_id)  # one table after the other
    plan = plan_of(load)
    if faulty := len(plan.faulty):
        raise PermanentError(
            _("{count} rows have errors: nothing was loaded. Correct the file and bring it again.").format(count=faulty)
        )
    plan.write(now)
    effects, rest = plan.effects, len(plan.lines) - plan.effects
    note = _("{effects} rows changed something, {rest} were there already.").format(effects=effects, rest=rest)
    TableLoad.objects.filter(pk=load.pk).update(loaded_at=now, note=note[:300])
    return note


def same(values: dict[str, Any], row: Any) -> bool:
    """Say whether a row has these values already."""
    return all(getattr(row, name) == value for name, value in values.items())
