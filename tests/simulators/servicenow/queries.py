"""Encoded queries, as the page “Encoded query strings” of the ServiceNow documentation has them."""

import re
from collections.abc import Collection, Iterable
from typing import Any

Row = dict[str, Any]
_CONDITION = re.compile(r"(?P<field>[a-z_.]+)(?P<operator>>=|<=|!=|=|LIKE|>|<)(?P<value>.*)", re.DOTALL)


def select(rows: Iterable[Row], query: str, *, columns: Collection[str]) -> list[Row]:
    """Return the rows that a query finds, in its order.

    A condition on a column that is not there is left out, as an instance does by default
    (property glide.invalid_query.returns_no_rows is false).
    """
    parts = query.split("^") if query else []
    order = [part.removeprefix("ORDERBY") for part in parts if part.startswith("ORDERBY")]
    queries: list[list[list[str]]] = [[]]
    for part in (part for part in parts if part and not part.startswith("ORDERBY")):
        if part.startswith("NQ"):
            queries.append([[part[2:]]])
        elif part.startswith("OR") and queries[-1]:
            queries[-1][-1].append(part[2:])
        else:
            queries[-1].append([part])
    found = [row for row in rows if any(_all(row, groups, columns) for groups in queries)]
    return sorted(found, key=lambda row: [str(row.get(name, "")) for name in order])


def _all(row: Row, groups: list[list[str]], columns: Collection[str]) -> bool:
    return all(any(_holds(row, each, columns) for each in group) for group in groups)


def _holds(row: Row, condition: str, columns: Collection[str]) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None or match["field"] not in columns:
        return True
    held, wanted = str(row.get(match["field"], "")), match["value"]
    return {
        "=": held.lower() == wanted.lower(),
        "!=": held.lower() != wanted.lower(),
        "LIKE": wanted.lower() in held.lower(),
        ">=": held >= wanted,
        "<=": held <= wanted,
        ">": held > wanted,
        "<": held < wanted,
    }[match["operator"]]
