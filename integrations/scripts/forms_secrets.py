"""Secrets as rows of name and value: added, replaced, removed, and never shown again."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import badge

NEW_ROWS = 2
KEPT = '<div class="secret-row"><label for="{0}">{1}</label> <span class="secret">{2} {3} {4}</span></div>'
VALUE = '<input type="password" name="{}" id="{}" autocomplete="new-password">'
REMOVE = '<label class="remove"><input type="checkbox" name="{}"> {}</label>'
NEW = (
    '<div class="secret-row"><input type="text" name="{0}-new-name-{1}" aria-label="{2}" placeholder="{3}" value="{4}" '
    'autocomplete="off" spellcheck="false"> '
    '<input type="password" name="{0}-new-value-{1}" aria-label="{5}" placeholder="{6}" autocomplete="new-password">'
    "</div>"
)


class SecretRows(forms.Widget):
    """Each kept secret with an empty input, and rows for new ones. Its value: name → None (keep), "" (remove), text."""

    use_fieldset = True
    kept: Iterable[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        kept = format_html_join("\n", "{}", ((self._kept(name, each),) for each in self.kept))
        new = format_html_join("\n", "{}", ((self._new(name, number, value),) for number in range(NEW_ROWS)))
        return format_html('<div class="secret-rows">{}\n{}</div>', kept, new)

    def _kept(self, name: str, each: str) -> SafeString:
        field, box = f"{name}-value-{each}", format_html(REMOVE, f"{name}-remove-{each}", _("remove"))
        state = badge(_("set; leave empty to keep it"), "ok")
        return format_html(KEPT, f"id_{field}", each, format_html(VALUE, field, f"id_{field}"), state, box)

    def _new(self, name: str, number: int, value: Any) -> SafeString:
        typed = list((value or {}).get("typed", ()))
        shown = typed[number] if number < len(typed) else ""
        words = (_("Name of a new secret"), "API_KEY", shown, _("Value of the new secret"), _("value"))
        return format_html(NEW, name, number, *words)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        """Return `{"kept": {name: None or "" or text}, "new": [(name, text)], "typed": [names]}`."""
        kept = {each: _change(data, f"{name}-value-{each}", f"{name}-remove-{each}") for each in self.kept}
        rows = [(data.get(f"{name}-new-name-{n}", ""), data.get(f"{name}-new-value-{n}", "")) for n in range(NEW_ROWS)]
        pairs = [(key.strip(), value.strip()) for key, value in rows if key.strip() or value.strip()]
        return {"kept": kept, "new": pairs, "typed": [key for key, _value in pairs]}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return ""


def _change(data: Mapping[str, str], value: str, remove: str) -> str | None:
    if data.get(remove):
        return ""
    return data.get(value, "").strip() or None


class SecretRowsField(forms.Field):
    """Cleans to what is to change: name → "" (remove) or the new text."""

    def __init__(self, *, kept: Iterable[str], **options: Any) -> None:
        super().__init__(widget=SecretRows(), required=False, **options)
        self.widget.kept = sorted(kept)

    def clean(self, value: dict[str, Any]) -> dict[str, str]:
        changes = {name: text for name, text in value["kept"].items() if text is not None}
        for name, text in value["new"]:
            if not name or not text:
                raise ValidationError(_("A new secret has a name and a value; type both again."))
            changes[name] = text
        return changes

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data and (data["new"] or any(text is not None for text in data["kept"].values())))


def applied(secrets: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets after the form."""
    return {name: text for name, text in {**secrets, **changes}.items() if text}
