"""Arguments of lists, read strictly into conditions, orders and slices of rows."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from integrations.events.graphql import errors
from integrations.events.reading import ItemRefused, uuid_of

Given = Mapping[str, Any]
Value = TypeVar("Value")
LIMIT, MOST_ROWS = 100, 1000
MOST_VALUES = 1000
DATES = ("exact", "gt", "gte", "lt", "lte")


def page(given: Given | None) -> slice:
    """Return what `pagination` skips and takes. :raises GraphQLError: naming what is out of range"""
    given = given or {}
    offset = given.get("offset") or 0
    if offset < 0:
        raise errors.bad("pagination.offset", "It is 0 or more.")
    return slice(offset, offset + limit(given.get("limit"), "pagination.limit", default=LIMIT))


def limit(given: int | None, name: str, *, default: int) -> int:
    if given is not None and not 1 <= given <= MOST_ROWS:
        raise errors.bad(name, f"It is 1 to {MOST_ROWS}.")
    return default if given is None else given


def ids(given: Given | None, name: str) -> set[UUID] | None:
    """Return the ids that `exact` and `in` ask for; None: any. An empty list is met by none."""
    return _wanted(given, name, _uuid)


def values(given: Given | None, name: str) -> set[str] | None:
    return _wanted(given, name, lambda value, path: str(value))


def _wanted(given: Given | None, name: str, read: Callable[[Any, str], Value]) -> set[Value] | None:
    given = given or {}
    found: set[Value] | None = None
    if given.get("exact") is not None:
        found = {read(given["exact"], f"{name}.exact")}
    if given.get("in") is not None:
        if len(given["in"]) > MOST_VALUES:
            raise errors.bad(f"{name}.in", f"At most {MOST_VALUES} values can be listed.")
        listed = {read(value, f"{name}.in") for value in given["in"]}
        found = listed if found is None else found & listed
    return found


def _uuid(value: Any, path: str) -> UUID:
    try:
        return uuid_of(value, path)
    except ItemRefused:
        raise errors.bad(path, f"“{str(value)[:60]}” is not an id; ids are UUIDs.") from None


def dates(given: Given | None, column: str) -> dict[str, Any]:
    """Return conditions on a column from `exact`, `gt`, `gte`, `lt`, `lte`."""
    given = given or {}
    return {f"{column}__{name}": given[name] for name in DATES if given.get(name) is not None}


def order(given: Given | None, columns: Mapping[str, str], *, ties: str = "pk") -> tuple[str, str]:
    """Return what rows are ordered by: one of `columns` (key of the API → column), by default the first, newest first.

    Both spellings of one key are taken, unless they contradict each other. :raises GraphQLError:
    """
    asked = {(columns[key], direction) for key, direction in (given or {}).items() if direction}
    if len(asked) > 1:
        raise errors.bad("order", f"Give one key, in one direction. Known: {', '.join(columns)}.")
    column, direction = asked.pop() if asked else (next(iter(columns.values())), "DESC")
    return (f"-{column}" if direction == "DESC" else column), ties
