"""Statements of the busiest paths, their SQL made once.

The ORM makes the SQL of a query anew each time, which is 0.5 to 1 ms of CPU and more than the database takes for it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar, cast

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Convert = Callable[[Any], Any]


class Reading(Generic[Row]):
    """Reads rows of a model, aliased `t`, by SQL of both databases; `extra` columns become attributes of the rows.

    `rest` goes on after the table's name: joins, the condition with `%s` for each value, order and limit.
    """

    def __init__(self, model: type[Row], rest: str, *, extra: Mapping[str, str] | None = None) -> None:
        self.model = model
        self._rest = rest
        self._extra = dict(extra or {})

    def rows(self, *values: Any) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql(), values)
            found = cursor.fetchall()
        return made_of(self.model, found, extra=tuple(self._extra))

    def _sql(self) -> str:
        return _select(self.model, tuple(self._extra.items()), self._rest)


@lru_cache(maxsize=64)
def _select(model: type[models.Model], extra: tuple[tuple[str, str], ...], rest: str) -> str:
    quoted = connection.ops.quote_name
    columns = [f"t.{quoted(column)}" for column in columns_of(model)]
    columns += [f"{sql} AS {quoted(name)}" for name, sql in extra]
    return f"SELECT {', '.join(columns)} FROM {quoted(model._meta.db_table)} t {rest}"  # noqa: S608  texts of ours only


def columns_of(model: type[models.Model]) -> list[str]:
    """Return the columns in the order in which `made_of` takes their values."""
    return [str(field.column) for field in model._meta.concrete_fields]


def made_of(model: type[Row], found: Iterable[Sequence[Any]], *, extra: Sequence[str] = ()) -> list[Row]:
    """Make rows of a model from what a cursor gave for its columns, then for `extra` ones."""
    names, converts = _fields(model, connection.vendor)
    rows = []
    for values in found:
        own = list(values[: len(names)])
        for at, convert in converts:
            own[at] = convert(own[at])
        row = model.from_db(connection.alias, names, own)
        for name, value in zip(extra, values[len(names) :], strict=True):
            setattr(row, name, value)
        rows.append(row)
    return rows


@lru_cache(maxsize=64)
def _fields(model: type[models.Model], vendor: str) -> tuple[list[str], list[tuple[int, Convert]]]:
    """Return the attributes of a row, and by position what the database's values of some go through."""
    fields = model._meta.concrete_fields
    found = [(at, convert) for at, field in enumerate(fields) for convert in _converts(field)]
    return [field.attname for field in fields], found


def _converts(field: Any) -> list[Convert]:
    column = field.cached_col
    both = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    return [partial(_converted, each, column) for each in both]


def _converted(convert: Callable[[Any, Any, Any], Any], column: Any, value: Any) -> Any:
    return convert(value, column, connection)


def update(model: type[models.Model], *, where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Set plain values, no expressions, in the rows whose fields equal those of `where`; return how many there were."""
    sql = _update(model, tuple(values), tuple(where))
    given = [_stored(model, name, value) for part in (values, where) for name, value in part.items()]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return int(cursor.rowcount)


@lru_cache(maxsize=256)
def _update(model: type[models.Model], names: tuple[str, ...], where: tuple[str, ...]) -> str:
    pairs, wanted = [[f"{_column(model, name)} = %s" for name in part] for part in (names, where)]
    table = connection.ops.quote_name(model._meta.db_table)
    return f"UPDATE {table} SET {', '.join(pairs)} WHERE {' AND '.join(wanted)}"  # noqa: S608  names of ours only


def _column(model: type[models.Model], name: str) -> str:
    return connection.ops.quote_name(str(_field(model, name).column))


def _stored(model: type[models.Model], name: str, value: Any) -> Any:
    return _field(model, name).get_db_prep_save(value, connection)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(name))
