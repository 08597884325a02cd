"""Connections of 4.6: `first` or `last` of 1 to 100, cursors, an index, ordering."""

import base64
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from tests.simulators.engine.resolving import Doc

MOST = 100
NESTED_DEFAULT = 25


def page(items: Sequence[Doc], args: dict[str, Any], *, required: bool = False) -> Doc:
    """One page as a connection document. `afterIndex` is the number of items to skip."""
    first, last = _size(args, "first"), _size(args, "last")
    if first is None and last is None:
        if required:
            raise GraphQLError("You must provide a `first` or `last` value to properly paginate the connection.")
        first = NESTED_DEFAULT
    start, end = max(_after(args), args.get("afterIndex") or 0), len(items)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    chosen = list(items[start:end])
    return {"nodes": chosen, "totalCount": len(items), "pageInfo": _page_info(start, end, len(items)), "_start": start}


def edges(connection: Doc) -> list[Doc]:
    first = connection["_start"] + 1
    return [{"cursor": cursor(index), "node": node} for index, node in enumerate(connection["nodes"], first)]


def ordered(items: Sequence[Doc], order_by: dict[str, Any] | None) -> Sequence[Doc]:
    """By any plain attribute; missing values come last in both directions."""
    if order_by is None:
        return items
    attribute = order_by["attribute"]
    if items and attribute not in items[0]:
        raise GraphQLError(f"Unknown attribute {attribute} for ordering")
    present = [item for item in items if item[attribute] is not None]
    missing = [item for item in items if item[attribute] is None]
    numeric = attribute == "databaseId"
    present.sort(key=lambda item: int(item[attribute]) if numeric else item[attribute])
    if order_by["direction"] == "DESC":
        present.reverse()
    return present + missing


def cursor(position: int) -> str:
    return base64.b64encode(f"item:{position}".encode()).decode()


def _after(args: dict[str, Any]) -> int:
    if not (after := args.get("after")):
        return 0
    try:
        return int(base64.b64decode(after, validate=True).decode().removeprefix("item:"))
    except ValueError as error:
        raise GraphQLError(f"Invalid cursor {after!r}") from error


def _size(args: dict[str, Any], name: str) -> int | None:
    size: int | None = args.get(name)
    if size is not None and not 1 <= size <= MOST:
        raise GraphQLError(f"`{name}` must be between 1 and {MOST}, not {size}")
    return size


def _page_info(start: int, end: int, total: int) -> Doc:
    empty = end <= start
    return {
        "hasNextPage": end < total,
        "hasPreviousPage": start > 0,
        "startCursor": None if empty else cursor(start + 1),
        "endCursor": None if empty else cursor(end),
    }
