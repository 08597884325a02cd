"""Form fields for secrets: they can be set, replaced and removed, and are never shown again."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.core.badges import badge


class SecretInput(forms.Widget):
    """An empty input beside the word whether something is set. Its value: None keeps, "" removes, a text replaces."""

    def __init__(self, *, lines: bool = False, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.lines = lines
        self.is_set = False

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        final = self.build_attrs(self.attrs, attrs)
        rest = forms.utils.flatatt(final)
        markup = (
            '<textarea name="{}" rows="4" autocomplete="off" spellcheck="false"{}></textarea>'
            if self.lines
            else '<input type="password" name="{}" autocomplete="new-password"{}>'
        )
        return format_html(
            '<span class="secret">{} {}{}</span>', format_html(markup, name, rest), self._state(), self._remove(name)
        )

    def _state(self) -> SafeString:
        return badge(_("set; leave empty to keep it"), "ok") if self.is_set else badge(_("not set"), "quiet")

    def _remove(self, name: str) -> SafeString:
        if not self.is_set:
            return SafeString("")
        markup = ' <label class="remove"><input type="checkbox" name="{}-remove"> {}</label>'
        return format_html(markup, name, _("remove"))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        if data.get(f"{name}-remove"):
            return ""
        typed: str = data.get(name, "")
        return typed.strip() or None

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class SecretField(forms.Field):
    """A secret: cleaned to None (keep), "" (remove) or the new value."""

    def __init__(self, *, is_set: bool = False, lines: bool = False, **options: Any) -> None:
        super().__init__(widget=SecretInput(lines=lines), required=False, **options)
        self.widget.is_set = is_set

    def clean(self, value: str | None) -> str | None:
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not None


def merged(old: str, typed: str | None) -> str:
    """Return the secret after the form: the old one if nothing was typed."""
    return old if typed is None else typed
