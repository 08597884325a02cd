"""From another system's JSON to work orders, by the expressions of a feed: pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from integrations.workorders.naming import fault_of
from integrations.workorders.values import FIELDS, InvalidFields, read_values

MOST_FIELDS = 20


class NotReadable(ValueError):
    """The JSON does not hold what the feed's expressions look for; the message names the field."""


@dataclass(frozen=True)
class Expressions:
    """JMESPath: to the list of items (empty: the body is one, or a list), and over one item."""

    items: str
    external_id: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One work order as told."""

    external_id: str
    values: dict[str, Any]


def problems(expressions: Expressions) -> dict[str, str]:
    """Return what is wrong with the expressions, by the name of the feed's field; empty if nothing is."""
    if not isinstance(expressions.fields, dict) or len(expressions.fields) > MOST_FIELDS:
        return {"fields": "This must be an object: field of the work order → JMESPath."}
    found = {"items": problem_of(expressions.items)}
    found["external_id"] = problem_of(expressions.external_id) if expressions.external_id else "This is needed."
    found["fields"] = " ".join(_field_problem(name, text) for name, text in expressions.fields.items()).strip()
    return {name: problem for name, problem in found.items() if problem}


def _field_problem(name: str, expression: Any) -> str:
    if name not in FIELDS:
        return f"A work order has no field “{name}”; it has {', '.join(FIELDS)}."
    if not isinstance(expression, str) or not expression:
        return f"“{name}” needs a JMESPath expression."
    problem = problem_of(expression)
    return f"“{name}”: {problem}" if problem else ""


def problem_of(expression: str) -> str:
    """Say why a text is not JMESPath; empty if it is, or if there is none."""
    try:
        if expression:
            _compiled(expression)
    except (JMESPathError, RecursionError) as error:
        return f"“{expression}” is not JMESPath: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}"
    return ""


def items_of(body: Any, expressions: Expressions) -> list[Any]:
    """Return the raw items of a body. :raises NotReadable: if there is no list of them, nor one"""
    found = found_in(body, expressions.items, what="items") if expressions.items else body
    if isinstance(found, dict):
        return [found]
    if found is None or not isinstance(found, list):
        where = f"where “{expressions.items}” points" if expressions.items else "in the body"
        raise NotReadable(f"There is no work order {where}: {_kind(found)} is there, not an object or a list.")
    return found


def read_item(raw: Any, expressions: Expressions, *, zone: str, date_format: str) -> Item:
    """Read one item. :raises NotReadable: naming every field that cannot be taken"""
    external_id = found_in(raw, expressions.external_id, what="external_id")
    if isinstance(external_id, bool) or not isinstance(external_id, str | int):
        raise NotReadable(f"external_id: “{expressions.external_id}” gives {_kind(external_id)}, not a text.")
    text = str(external_id).strip()
    if fault := fault_of(text):
        raise NotReadable(f"external_id: {fault}")
    told = {name: found_in(raw, expression, what=name) for name, expression in expressions.fields.items()}
    try:
        return Item(text, read_values(told, zone=zone, date_format=date_format))
    except InvalidFields as error:
        raise NotReadable(f"{text}: {error}") from error


def read_all(body: Any, expressions: Expressions, *, zone: str, date_format: str) -> Iterator[Item | NotReadable]:
    """Yield each item, or why it cannot be read. :raises NotReadable: if there are no items to look at"""
    for position, raw in enumerate(items_of(body, expressions), start=1):
        try:
            yield read_item(raw, expressions, zone=zone, date_format=date_format)
        except NotReadable as error:
            yield NotReadable(f"item {position}: {error}")


def found_in(body: Any, expression: str, *, what: str) -> Any:
    """Evaluate an expression. :raises NotReadable: if one of its functions does not take what is there"""
    try:
        return _compiled(expression).search(body)
    except (JMESPathError, RecursionError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NotReadable(f"{what}: “{expression}” cannot be evaluated: {reason}") from error


@lru_cache(maxsize=512)
def _compiled(expression: str) -> ParsedResult:
    return jmespath.compile(expression)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true or false", dict: "an object", list: "a list", str: "a text"}
    return names.get(type(value), "a number")
