"""From field mappings and a context to the values of the target's fields. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.sync.expressions import ExpressionError, evaluate
from integrations.sync.formats import FormatError, Wanted, convert


@dataclass(frozen=True)
class Rule:
    """One field mapping, as configured."""

    source: str
    target: str
    type: str = "AS_IS"
    format: str = ""
    time_zone: str = ""
    default: Any = None
    skip_if_empty: bool = False


@dataclass(frozen=True)
class House:
    """What the connection says where a rule is silent."""

    time_zone: str = "UTC"
    date_format: str = "iso"


@dataclass(frozen=True)
class Mapped:
    """Values by dotted target, and a sentence for each field that could not be made."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def mapped(rules: Sequence[Rule], context: Mapping[str, Any], house: House) -> Mapped:
    """Apply the rules in order; a field that cannot be made is left out and told."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for rule in rules:
        try:
            value = _value(rule, context, house)
        except (ExpressionError, FormatError) as error:
            problems.append(f"{rule.source} → {rule.target}: {error}")
            continue
        if not (rule.skip_if_empty and is_empty(value)):
            values[rule.target] = value
    return Mapped(values, tuple(problems))


def _value(rule: Rule, context: Mapping[str, Any], house: House) -> Any:
    value = evaluate(rule.source, context)
    if is_empty(value):
        return value if rule.default is None else rule.default
    shape = rule.format
    if not shape and rule.type in ("TIME", "DATE"):
        shape = house.date_format
    return convert(value, rule.type, Wanted(shape, rule.time_zone or house.time_zone))


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted names into objects within objects: `{"a.b": 1}` → `{"a": {"b": 1}}`."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *above, last = name.split(".")
        place = tree
        for step in above:
            if not isinstance(place.get(step), dict):
                place[step] = {}
            place = place[step]
        place[last] = value
    return tree


def at(tree: Any, name: str) -> Any:
    """Return what lies at a dotted name, None if nothing does; a name that itself has dots is found too."""
    if isinstance(tree, Mapping) and name in tree:
        return tree[name]
    for step in name.split("."):
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(step)
    return tree
