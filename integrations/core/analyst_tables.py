"""Tables for analysts: SQL views with documented columns, registered by the apps whose rows they show.

Their names and columns are contracts: a column may be added at the end, none is renamed or taken away. They are made
anew at each migration, by the same declaration on PostgreSQL and SQLite.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction

logger = logging.getLogger(__name__)

PREFIX = "analytics_"
# What a column holds, as PostgreSQL calls it. SQLite has times as UTC text and truths as 0 and 1.
TYPES = {
    "text": "text",
    "whole": "bigint",
    "number": "double precision",
    "truth": "boolean",
    "time": "timestamp with time zone",
}


@dataclass(frozen=True)
class Sql:
    """The same thing said to both databases."""

    postgresql: str
    sqlite: str

    def of(self, vendor: str) -> str:
        return self.postgresql if vendor == "postgresql" else self.sqlite


def same(text: str) -> Sql:
    return Sql(text, text)


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in words with its unit, and the expression that finds it."""

    name: str
    type: str
    about: str
    sql: Sql

    def selected(self, vendor: str) -> str:
        expression = self.sql.of(vendor)
        if self.type == "text":  # what is empty is so in one way, in every store
            expression = f"NULLIF({expression}, '')"
        if vendor == "postgresql":
            expression = f"({expression})::{TYPES[self.type]}"
        return f"{expression} AS {self.name}"


@dataclass(frozen=True)
class Table:
    """One view. `key`: the columns that name a row; `source`: what follows FROM."""

    name: str
    about: str
    key: Sequence[str]
    source: Sql
    columns: Sequence[Column]

    @property
    def view(self) -> str:
        return PREFIX + self.name

    def definition(self, vendor: str) -> str:
        columns = ",\n  ".join(column.selected(vendor) for column in self.columns)
        return f"SELECT\n  {columns}\nFROM {self.source.of(vendor)}"


@dataclass(frozen=True)
class Family:
    """Tables that change together: the first has a row for each object, the others hang on its `id`.

    `changed`: the first table's column of the time its row was last written, with the id indexed.
    """

    id: str
    changed: str
    tables: Sequence[Table]
    order: int = field(default=0)

    @property
    def name(self) -> str:
        return self.tables[0].name


_families: dict[str, Family] = {}


def register(family: Family) -> None:
    """Add a family, from `AppConfig.ready()`."""
    _families[family.name] = family


def families() -> list[Family]:
    return sorted(_families.values(), key=lambda each: each.order)


def all_tables() -> list[Table]:
    return [table for family in families() for table in family.tables]


@dataclass
class Views:
    """Takes the views out of the way of a migration, which may alter what they show, and makes them after it.

    Who may read them in PostgreSQL is kept.
    """

    _grants: list[tuple[str, str, str]] = field(default_factory=list)

    def drop(self, *, plan: Sequence[Any] = (), **_: Any) -> None:
        """Called before a migration; without a plan nothing is altered."""
        if plan:
            self._grants = _grants_of_views()
            _execute(f"DROP VIEW IF EXISTS {table.view}" for table in all_tables())

    def create(self, **_: Any) -> None:
        """Called after a migration. A view of what a later migration makes is left to that one."""
        _execute(_creations())
        _execute(f"GRANT {right} ON {view} TO {_role(who)}" for view, right, who in self._grants)
        self._grants = []


views = Views()


def _role(name: str) -> str:
    return name if name == "PUBLIC" else connection.ops.quote_name(name)


def _creations() -> Iterator[str]:
    replaced = connection.vendor == "postgresql"
    for table in all_tables():
        if not replaced:
            yield f"DROP VIEW IF EXISTS {table.view}"
        yield f"CREATE {'OR REPLACE ' * replaced}VIEW {table.view} AS {table.definition(connection.vendor)}"


def _grants_of_views() -> list[tuple[str, str, str]]:
    """Return (view, right, role) for whoever was let in beside the owner."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type, grantee FROM information_schema.role_table_grants "
            "WHERE table_schema = current_schema() AND table_name = ANY(%s) AND grantee <> current_user",
            [[table.view for table in all_tables()]],
        )
        return [(str(view), str(right), str(who)) for view, right, who in cursor.fetchall()]


def _execute(statements: Iterable[str]) -> None:
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            logger.warning("not done: %s: %s", statement.partition("\n")[0], error)


def json_path(column: str, *path: str) -> Sql:
    """The text of a value inside of a JSON column."""
    return Sql(f"{column} #>> '{{{','.join(path)}}}'", f"json_extract({column}, '$.{'.'.join(path)}')")


def json_time(column: str, *path: str) -> Sql:
    """A time inside of a JSON column, written as `timestamp` writes it."""
    found = json_path(column, *path)
    return Sql(found.postgresql, f"replace(substr({found.sqlite}, 1, 26), 'T', ' ')")


def json_rows(table: str, column: str, name: str) -> Sql:
    """The rows of `table` (called t) with each element (called e) of a list in a JSON column."""
    return Sql(
        f"{table} t CROSS JOIN LATERAL jsonb_array_elements(t.{column} -> '{name}') WITH ORDINALITY AS e(value, place)",
        f"{table} t JOIN json_each(t.{column}, '$.{name}') AS e",
    )


PLACE = Sql("e.place", "e.key + 1")


def numbered(found: Sql) -> Sql:
    return Sql(found.postgresql, f"CAST({found.sqlite} AS REAL)")


def counted(found: Sql) -> Sql:
    return Sql(found.postgresql, f"CAST({found.sqlite} AS INTEGER)")
