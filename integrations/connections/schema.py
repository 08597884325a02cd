"""Named fields of a JSON object that a person fills in: what a form shows, and what is refused by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.core.errors import AddressRefused
from integrations.core.network import check_url

SECRET_TYPES = frozenset({"secret", "pem"})
_TYPES: dict[str, Any] = {"number": int | float, "boolean": bool, "list": list}
_WORDS = {"number": "a number", "boolean": "yes or no", "list": "a list of texts"}


@dataclass(frozen=True)
class Field:
    """One field. `type`: text, secret, pem (secret, many lines), url, number, boolean, list (of texts) or choice."""

    name: str
    label: str
    type: str = "text"
    default: Any = None
    choices: Sequence[tuple[str, str]] = ()
    help: str = ""
    required: bool = False

    @property
    def is_secret(self) -> bool:
        return self.type in SECRET_TYPES

    def problem(self, value: Any) -> str:
        """Say what is wrong with a value; empty if nothing is."""
        if value in (None, "", []):
            return f"{self.label} is missing." if self.required and self.default is None else ""
        if not self._is_of_type(value):
            return f"{self.label} must be {_WORDS.get(self.type, 'a text')}."
        if self.choices and value not in dict(self.choices):
            return f"{self.label} must be one of {', '.join(dict(self.choices))}."
        return _refusal(str(value)) if self.type == "url" else ""

    def _is_of_type(self, value: Any) -> bool:
        if isinstance(value, list):
            return self.type == "list" and all(isinstance(each, str) for each in value)
        if isinstance(value, bool):
            return self.type == "boolean"
        return isinstance(value, _TYPES.get(self.type, str))


def _refusal(url: str) -> str:
    try:
        check_url(url)
    except AddressRefused as error:
        return str(error)
    return ""


def problems(fields: Sequence[Field], values: Any) -> list[str]:
    """Say what is wrong with the values; unknown names are refused by name."""
    if not isinstance(values, dict):
        return ["This must be a JSON object."]
    known = {field.name for field in fields}
    unknown = [f"“{name}” is not known here. Known: {', '.join(sorted(known))}." for name in values.keys() - known]
    found = (field.problem(values.get(field.name)) for field in fields)
    return sorted(unknown) + [problem for problem in found if problem]


def with_defaults(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values, with defaults for what is empty."""
    empty = (None, "")
    defaults = {each.name: each.default for each in fields if each.default is not None}
    return defaults | {name: value for name, value in values.items() if value not in empty}
