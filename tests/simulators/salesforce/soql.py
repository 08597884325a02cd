"""As much of SOQL as the tests need: one object, conditions joined by AND, ORDER BY, LIMIT."""

import re
from typing import Any

Row = dict[str, Any]
_QUERY = re.compile(
    r"SELECT (?P<fields>[\w., ]+) FROM (?P<object>\w+) WHERE (?P<where>.+?)"
    r"(?: ORDER BY (?P<order>\w+)(?P<desc> DESC)?)?(?: LIMIT (?P<limit>\d+))?",
    re.DOTALL,
)
_CONDITION = re.compile(r"(?P<field>\w+) (?P<operator>=|>=|LIKE) (?P<value>'(?:[^'\\]|\\.)*'|[\w:.+-]+)")


class Malformed(ValueError):
    """MALFORMED_QUERY"""


def select(query: str, objects: dict[str, dict[str, Row]]) -> list[Row]:
    """Return the rows that a query finds. :raises Malformed:"""
    match = _QUERY.fullmatch(" ".join(query.split()))
    if match is None or match["object"] not in objects:
        raise Malformed(query)
    conditions = _conditions(match["where"])
    rows = [row for row in objects[match["object"]].values() if all(_holds(row, each) for each in conditions)]
    if match["order"]:
        rows.sort(key=lambda row: str(row.get(match["order"])), reverse=bool(match["desc"]))
    names = {name.strip().partition(".")[0] for name in match["fields"].split(",")}
    return [{name: row.get(name) for name in names} for row in rows[: int(match["limit"] or 2000)]]


def _conditions(where: str) -> list[tuple[str, str, str]]:
    found, rest = [], where
    while True:
        match = _CONDITION.match(rest)
        if match is None:
            raise Malformed(where)
        value = match["value"]
        text = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value
        found.append((match["field"], match["operator"], text))
        rest = rest[match.end() :]
        if not rest:
            return found
        if not rest.startswith(" AND "):
            raise Malformed(where)
        rest = rest.removeprefix(" AND ")


def _holds(row: Row, condition: tuple[str, str, str]) -> bool:
    name, operator, wanted = condition
    held = str(row.get(name) or "")
    if operator == "LIKE":
        return wanted.strip("%").lower() in held.lower()
    return held == wanted if operator == "=" else held[:19] >= wanted[:19]
