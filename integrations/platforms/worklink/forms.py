"""The form of a link template."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.models import Connection
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField
from integrations.platforms.worklink.links.placeholders import PLACEHOLDERS
from integrations.platforms.worklink.models import LinkTemplate
from integrations.platforms.worklink.options import SLUG

FIELDS = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


class PairsField(LinesField):
    """Pairs of a name and a text, one a line, as name = text."""

    def prepare_value(self, value: Any) -> Any:
        lines = [f"{name} = {text}" for name, text in value] if _is_pairs(value) else value
        return super().prepare_value(lines)

    def to_python(self, value: Any) -> Any:
        lines = super().to_python(value)
        if wrong := next((line for line in lines if "=" not in line), None):
            said = _("“%(line)s” is not written as name = text.")
            raise forms.ValidationError(said, params={"line": wrong[:60]}, code="bad_value")
        return [[part.strip() for part in line.split("=", 1)] for line in lines]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except forms.ValidationError:
            return True


def _is_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, list) for each in value)


class LinkTemplateForm(AnyModelForm):
    """The link is taken apart and judged by the model; what it refuses is said at its field."""

    external_data = PairsField(label=gettext_lazy("External data"), help_text="")

    class Meta:
        model = LinkTemplate
        fields = (
            "connection",
            "name",
            "slug",
            "purpose",
            "base_link",
            "external_data",
            "system",
            "with_lnk",
            "with_sor",
            "form",
            "longest",
            "plus_is_space",
            "automatic",
            "enabled",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Connection.objects.defer("credentials", "token_cache", "probe").order_by("name")
        chosen: Any = self.fields
        if "connection" in chosen:
            chosen["connection"].queryset = rows.filter(platform=SLUG)
        if "system" in chosen:
            chosen["system"].queryset = rows.exclude(platform=SLUG)
            chosen["system"].empty_label = _("the one that the connection names")
        if "external_data" in chosen:
            chosen["external_data"].help_text = _(
                "One a line: name = text. Fields of the order: {fields}. Lists: name[] = text; inner values: "
                "outer[inner] = text. The link key is there by itself. What is empty for an order is left out. No "
                "secrets: links end in prints and logs."
            ).format(fields=FIELDS)
        if "base_link" in chosen:
            chosen["base_link"].widget = forms.Textarea(
                attrs={"rows": 3, "class": "vLargeTextField", "spellcheck": "false"}
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        connection = given.get("connection") or (self.instance.connection if self.instance.pk else None)
        if connection is not None and "system" in self.fields and not given.get("system"):
            self._look_for(str(connection.setting("system") or ""), connection)
        return given

    def _look_for(self, slug: str, connection: Connection) -> None:
        """Refuse a system that the connection names and that is not there."""
        there = Connection.objects.filter(slug=slug, workspace=connection.workspace_id).exclude(platform=SLUG)
        if slug and not there.exists():
            said = _("The connection names the system of record “%(slug)s”, which is not there. Choose one.")
            self.add_error("system", forms.ValidationError(said, params={"slug": slug}, code="no_system"))
