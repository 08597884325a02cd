"""Pages by key: each begins after a row, not after a number of rows. Page 100 costs what page 1 costs, nothing is
counted, and rows that arrive meanwhile move nothing.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import F, Field, OrderBy, Q, QuerySet
from django.db.models.expressions import Col

BACK, ON = "<", ">"


@dataclass(frozen=True)
class Page:
    """The rows of a page, and the cursors of the pages beside it; "" where there is none."""

    rows: list[Any]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class _Key:
    """One part of the order, read with each row under `name`."""

    name: str
    descending: bool
    nulls_first: bool
    nullable: bool
    field: "Field[Any, Any]"

    def turned(self) -> "_Key":
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def order(self) -> OrderBy:
        nulls = {"nulls_first": self.nulls_first or None, "nulls_last": not self.nulls_first or None}
        return OrderBy(F(self.name), descending=self.descending, **(nulls if self.nullable else {}))

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True} if value is None else {self.name: value})

    def beyond(self, value: Any, *, or_same: bool = False) -> Q:
        """Rows that this part alone puts after `value`."""
        if value is None:
            found = Q(**{f"{self.name}__isnull": False}) if self.nulls_first else Q(pk__in=())
            return found | self.same(None) if or_same else found
        lookup = ("lt" if self.descending else "gt") + ("e" if or_same else "")
        found = Q(**{f"{self.name}__{lookup}": value})
        return found | Q(**{f"{self.name}__isnull": True}) if self.nullable and not self.nulls_first else found


def is_readable(rows: QuerySet[Any], cursor: str) -> bool:
    """Say whether a cursor is of this order, undamaged."""
    return bool(_read(cursor, _keyed(rows)[1])[0])


def page_of(rows: QuerySet[Any], *, cursor: str, size: int, never_empty: bool = True) -> Page:
    """Return the page of ordered rows that a cursor names; the first one if it is empty or not of this order.

    The order must tell any two rows apart, as the admin's lists do by their number. `never_empty`: the first page, too,
    where no row is left beyond the cursor; a program that follows `next` would begin again.
    """
    rows, keys = _keyed(rows)
    direction, values = _read(cursor, keys)
    if direction == BACK:
        turned = [key.turned() for key in keys]
        found = list(_after(rows, turned, values)[: size + 1])
        if len(found) > size:
            shown = found[size - 1 :: -1]
            return Page(shown, _cursor(BACK, shown[0], keys), _cursor(ON, shown[-1], keys))
        direction = ""  # less than a page before it: that is the first page
    found = list(_after(rows, keys, values if direction else None)[: size + 1])
    if direction and not found:  # what stood there is gone
        if not never_empty:
            return Page([])
        return page_of(rows, cursor="", size=size)
    shown = found[:size]
    before = _cursor(BACK, shown[0], keys) if direction else ""
    return Page(shown, before, _cursor(ON, shown[-1], keys) if len(found) > size else "")


def _keyed(rows: QuerySet[Any]) -> tuple[QuerySet[Any], list[_Key]]:
    """Return the rows with each part of their order as a value to read, and these parts."""
    orders = [_order(part) for part in rows.query.order_by]
    named = {f"page_key_{number}": order.expression for number, order in enumerate(orders)}
    rows = rows.annotate(**named)
    return rows, [_key(rows, name, order) for name, order in zip(named, orders, strict=True)]


def _order(part: Any) -> OrderBy:
    if isinstance(part, str):
        return OrderBy(F(part.removeprefix("-")), descending=part.startswith("-"))
    return part if isinstance(part, OrderBy) else part.asc()


def _key(rows: QuerySet[Any], name: str, order: OrderBy) -> _Key:
    found: Any = rows.query.annotations[name]
    never_null = isinstance(found, Col) and found.alias == rows.query.get_initial_alias() and not found.target.null
    smallest = connections[rows.db].features.order_by_nulls_first
    return _Key(
        name=name,
        descending=order.descending,
        nulls_first=bool(order.nulls_first or (not order.nulls_last and smallest != order.descending)),
        nullable=not never_null,
        field=found.output_field,
    )


def _after(rows: QuerySet[Any], keys: Sequence[_Key], values: Sequence[Any] | None) -> QuerySet[Any]:
    rows = rows.order_by(*(key.order() for key in keys))
    if values is None:
        return rows
    *pairs, (last, value) = list(zip(keys, values, strict=True))
    found = last.beyond(value)
    for key, value in reversed(pairs):
        # Bounded by itself, so that the index of the first part is entered at the right place.
        found = key.beyond(value, or_same=True) & (key.beyond(value) | key.same(value) & found)
    return rows.filter(found)


def _cursor(direction: str, row: Any, keys: Sequence[_Key]) -> str:
    values = [direction, *(getattr(row, key.name) for key in keys)]
    return urlsafe_b64encode(json.dumps(values, default=_plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(cursor: str, keys: Sequence[_Key]) -> tuple[str, list[Any] | None]:
    """Return direction and values of a cursor; "" and None for one that is empty, damaged or of another order."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        direction, *values = json.loads(text)
        read = [key.field.to_python(value) for key, value in zip(keys, values, strict=True)]
        _check_times(read)
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        return "", None
    known = direction in (BACK, ON) and "\\u0000" not in text
    return (direction, read) if known else ("", None)


def _check_times(values: Sequence[Any]) -> None:
    """:raises ValueError, OverflowError: for a time that no database takes"""
    for value in values:
        if isinstance(value, datetime) and value.astimezone(UTC).utcoffset() is None:
            raise ValueError(value)
