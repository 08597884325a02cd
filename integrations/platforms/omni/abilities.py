"""What a server can do, by its own schema: real names of what the vendor does not document (sheet, 7.5). Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

INTROSPECTION = """{ __schema {
  queryType { name } mutationType { name }
  types { name kind fields { name args { name type { name kind ofType { name kind ofType { name } } } }
    type { name kind ofType { name kind ofType { name kind ofType { name } } } } } inputFields { name } }
} }"""

# What each operation may be called; the documented name, or the one that the sheet infers, comes first.
_NAMES = {
    "endpoints": r"endpoints|event_?(service_?)?endpoints",
    "filters": r"eventsFilters|events?_?filters",
    "create_filter": r"createEventFilters?|create_?events_?filters?",
    "update_filter": r"(update|edit|change)_?events?_?filters?",
    "delete_filter": r"(delete|remove)_?events?_?filters?",
    "update_webhook": r"(update|edit|change)_?(event_?)?(service_?)?(webhook_?)?endpoint",
    "delete_endpoint": r"(delete|remove)_?(event_?)?(service_?)?endpoints?",
}
_CREATED = re.compile(r"creation_?date|created(_?at)?", re.IGNORECASE)


@dataclass(frozen=True)
class Operation:
    """One field of Query or Mutation: its name there, its arguments, and the order keys that a list takes."""

    name: str
    arguments: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Abilities:
    """`told`: the server told its schema. Without it only what is documented is used."""

    told: bool = False
    at: str = ""
    operations: Mapping[str, Operation] = field(default_factory=dict)

    def operation(self, role: str) -> Operation | None:
        return self.operations.get(role)

    @property
    def has_filters(self) -> bool:
        """Event filters came with release 1.18; a server that does not tell is tried."""
        return not self.told or "create_filter" in self.operations

    @property
    def missing(self) -> list[str]:
        return [role.replace("_", " ") for role in _NAMES if role not in self.operations]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


# Pages of the vendor name these (sheet, 0.1); all that may be used where introspection is off.
DOCUMENTED = {
    "filters": Operation("eventsFilters", ("filters", "order", "pagination"), ("creation_date", "last_modified")),
    "create_filter": Operation("createEventFilters", ("eventFiltersInput", "name", "endpointIds")),
}


def documented(*, at: str) -> Abilities:
    return Abilities(told=False, at=at, operations=DOCUMENTED)


def abilities(data: Mapping[str, Any], *, at: str) -> Abilities:
    """Read the answer to INTROSPECTION."""
    schema = data["__schema"]
    types = {each["name"]: each for each in schema["types"]}
    fields = [*_fields(types, schema.get("queryType")), *_fields(types, schema.get("mutationType"))]
    found = {}
    for role, pattern in _NAMES.items():
        if chosen := _first(fields, pattern):
            found[role] = Operation(
                chosen["name"], tuple(each["name"] for each in chosen["args"]), _order_keys(chosen, types)
            )
    return Abilities(told=True, at=at, operations=found)


def from_json(kept: Mapping[str, Any]) -> Abilities:
    """Read what `as_json` gave; nothing known if it was nothing."""
    operations = {
        role: Operation(each["name"], tuple(each["arguments"]), tuple(each["order"]))
        for role, each in kept.get("operations", {}).items()
    }
    return Abilities(told=bool(kept.get("told")), at=str(kept.get("at") or ""), operations=operations)


def order_by_creation(operation: Operation) -> str:
    """Return the argument for a list in the order of creation, in the spelling of the server; "" if it has none."""
    key = next((each for each in operation.order if _CREATED.fullmatch(each)), "")
    return f"order: {{{key}: ASC}}" if key else ""


def _first(fields: list[dict[str, Any]], pattern: str) -> dict[str, Any] | None:
    """The alternatives of a pattern are in the order of preference."""
    for each in _alternatives(pattern):
        for one in fields:
            if re.fullmatch(each, one["name"], re.IGNORECASE):
                return one
    return None


def _alternatives(pattern: str) -> Iterable[str]:
    """Split at the bars that are not within parentheses."""
    depth, start = 0, 0
    for index, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            yield pattern[start:index]
            start = index + 1
    yield pattern[start:]


def _fields(types: Mapping[str, Any], named: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (types.get(named["name"]) or {}).get("fields") or [] if named else []
    return found


def _order_keys(chosen: Mapping[str, Any], types: Mapping[str, Any]) -> tuple[str, ...]:
    for argument in chosen["args"]:
        if argument["name"] == "order":
            kind = types.get(base_type(argument["type"])) or {}
            return tuple(each["name"] for each in kind.get("inputFields") or ())
    return ()


def base_type(type: Mapping[str, Any]) -> str:
    """Return the name of a type without its lists and non-nulls."""
    inner: Mapping[str, Any] | None = type
    while inner and not inner.get("name"):
        inner = inner.get("ofType")
    return str(inner["name"]) if inner else ""
