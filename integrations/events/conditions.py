"""The conditions of an event filter as they are given, checked and brought into one form."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from integrations.core.platforms import context_kinds
from integrations.events.facts import AGENTS, CAMERAS, GROUPS, RECOGNISED, TYPES, WORK_ORDER
from integrations.events.filters import Rule
from integrations.events.models import EventFilter
from integrations.events.refusals import Refused

# Condition as the API names it → column.
COLUMNS: Final = {
    CAMERAS: "camera_ids",
    AGENTS: "agent_ids",
    GROUPS: "profile_group_ids",
    TYPES: "event_types",
    "workOrder": "work_order",
}
WORK_ORDER_FIELDS = ("asset", "site", "status", "assignee", "priority", "title", "number")
MOST, LONGEST = 1000, 300
_PATTERN = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*\.\*")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


def read(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a filter from its conditions; those that are not given are not in the answer.

    null is no constraint. What is listed twice is kept once. :raises Refused: naming each condition that is wrong
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in given.items():
        try:
            values[COLUMNS[name]] = _READ[name](value)
        except KeyError:
            errors[name] = f"There is no such condition. Known: {', '.join(COLUMNS)}."
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise Refused(errors)
    return values


def blank() -> dict[str, Any]:
    """Return the columns of a filter without any constraint."""
    return {column: {} if column == "work_order" else [] for column in COLUMNS.values()}


def rule_of(row: EventFilter, *, endpoints: Iterable[str] = ()) -> Rule:
    """Return a filter as the matching knows it."""
    lists = {name: frozenset(getattr(row, column)) for name, column in COLUMNS.items() if name != "workOrder"}
    fields = {f"{WORK_ORDER}{name}": frozenset(values) for name, values in row.work_order.items()}
    return Rule(key=str(row.pk), conditions=lists | fields, endpoints=tuple(endpoints))


def own_types() -> list[str]:
    """Return the types of our own events that the installed apps publish."""
    return sorted({type for kind in context_kinds() for type in kind.event_types})


def _ids(given: Any) -> list[str]:
    texts = _texts(given)
    if wrong := next((text for text in texts if not _UUID.fullmatch(text)), None):
        raise ValueError(f"“{wrong[:60]}” is not an id; ids are UUIDs.")
    return list(dict.fromkeys(str(UUID(text)) for text in texts))


def _types(given: Any) -> list[str]:
    return list(dict.fromkeys(_event_type(text) for text in _texts(given)))


def _event_type(text: str) -> str:
    if text.upper() in RECOGNISED:
        return text.upper()
    own, found = own_types(), text.lower()
    if found in own or (_PATTERN.fullmatch(found) and any(each.startswith(found[:-1]) for each in own)):
        return found
    allowed = ", ".join([*RECOGNISED, *own])
    raise ValueError(f"“{text[:60]}” is not an event type. Allowed: {allowed}; or a part of one, as session.*.")


def _work_order(given: Any) -> dict[str, list[str]]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError('Write fields of the work order with their values, as {"site": ["Lyon"]}.')
    if unknown := sorted(str(name)[:60] for name in given if name not in WORK_ORDER_FIELDS):
        raise ValueError(f"A work order has no field {', '.join(unknown)}. Known: {', '.join(WORK_ORDER_FIELDS)}.")
    found = {name: list(dict.fromkeys(_texts(values))) for name, values in given.items()}
    return {name: values for name, values in found.items() if values}


def _texts(given: Any) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError("This is a list of texts.")
    if len(given) > MOST:
        raise ValueError(f"There are {len(given)} values; at most {MOST} can be listed.")
    if wrong := next((each for each in given if not each or len(each) > LONGEST or "\0" in each), None):
        raise ValueError(f"“{wrong[:60]}” is not a value: one to {LONGEST} characters.")
    return [str(each) for each in given]


_READ: Final = {CAMERAS: _ids, AGENTS: _ids, GROUPS: _ids, TYPES: _types, "workOrder": _work_order}
