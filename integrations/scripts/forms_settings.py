"""Settings of a script as a form: an input for each simple property of its JSON Schema, JSON for the rest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from integrations.core.admin import OptionalJSON
from integrations.scripts import schemas

PREFIX, REST = "setting_", "settings_rest"
LONG_TEXT = 200


@dataclass(frozen=True)
class Slot:
    """One property of the schema as an input."""

    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def input(self) -> str:
        return PREFIX + self.name

    @property
    def type(self) -> str:
        """Return string, integer, number or boolean; "choice" for an enumeration, "json" for what is not simple."""
        if self.schema.get("enum"):
            return "choice"
        kind = self.schema.get("type")
        return kind if kind in schemas.SIMPLE_TYPES else "json"

    @property
    def default(self) -> Any:
        return self.schema.get("default")


def slots(schema: Any) -> list[Slot]:
    """Return the inputs of a schema; none for one that is refused."""
    if schemas.schema_problem(schema):
        return []
    required = schema.get("required") or []
    return [Slot(name, each, name in required) for name, each in _properties(schema)]


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in (schema.get("properties") or {}).items():
        yield name, each if isinstance(each, dict) else {}


def form_field(slot: Slot, values: Mapping[str, Any]) -> forms.Field:
    """Return the form's field, holding the present value or the schema's default."""
    has_default = "default" in slot.schema
    words: dict[str, Any] = {
        "label": str(slot.schema.get("title") or slot.name),
        "help_text": str(slot.schema.get("description") or ""),
        "initial": values.get(slot.name, slot.default),
        "required": slot.required and not has_default,
    }
    made = {"choice": _choice, "boolean": _truth, "integer": _integer, "number": _number, "string": _text}
    return made.get(slot.type, _json)(slot, words)


def _choice(slot: Slot, words: dict[str, Any]) -> forms.Field:
    known = [(json.dumps(each), str(each)) for each in slot.schema["enum"]]
    initial = words.pop("initial")
    empty = [] if words["required"] else [("", "–")]
    shown = "" if initial is None else json.dumps(initial)
    return forms.TypedChoiceField(choices=empty + known, coerce=json.loads, empty_value=None, initial=shown, **words)


def _truth(slot: Slot, words: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(**words | {"required": False})


def _integer(slot: Slot, words: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(**words)


def _number(slot: Slot, words: dict[str, Any]) -> forms.Field:
    return forms.FloatField(**words)


def _text(slot: Slot, words: dict[str, Any]) -> forms.Field:
    is_long = slot.schema.get("maxLength", 0) > LONG_TEXT or "\n" in str(words["initial"] or "")
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}) if is_long else None, **words)


def _json(slot: Slot, words: dict[str, Any]) -> forms.Field:
    words["help_text"] = " ".join(filter(None, [words["help_text"], _("As JSON.")]))
    return OptionalJSON(widget=forms.Textarea(attrs={"rows": 4}), **words)


def rest_field(schema: Any, values: Mapping[str, Any]) -> forms.Field:
    """Return the field for settings that the schema does not name."""
    known = {slot.name for slot in slots(schema)}
    rest = {name: value for name, value in values.items() if name not in known}
    label = _("Other settings") if known else _("Settings")
    about = _('A JSON object, such as {"linkKey": "work_order_id"}. With a schema below each gets a field of its own.')
    shown = rest or None
    return OptionalJSON(label=label, required=False, initial=shown, help_text=about, widget=forms.Textarea({"rows": 3}))


def collected(schema: Any, cleaned: Mapping[str, Any]) -> dict[str, Any] | Any:
    """Return the settings that the form holds: without what is empty, or the schema's own default."""
    rest = cleaned.get(REST) or {}
    if not isinstance(rest, dict):
        return rest  # the schema's check says what is wrong with it
    kept = dict(rest)
    for slot in slots(schema):
        value = cleaned.get(slot.input)
        if value not in (None, "") and ("default" not in slot.schema or value != slot.default):
            kept[slot.name] = value
    return kept
