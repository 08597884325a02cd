"""The form of a script: when it runs, what it may use, how much; its settings and secrets as fields of their own."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.core import platforms
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField
from integrations.scripts import forms_settings
from integrations.scripts.forms_secrets import SecretRowsField, applied
from integrations.scripts.forms_settings import REST
from integrations.scripts.models import Script

WHAT = ("name", "slug", "about", "enabled")
WHEN = ("event_types", "condition", "cron", "time_zone", "next_runs")
BATCH = ("batch_size", "batch_minutes", "batch_by", "pace_seconds")
LIMITS = ("cpu_seconds", "wall_seconds", "memory_mib", "calls")
MODEL_FIELDS = (*WHAT, *WHEN, *BATCH, "allow_hosts", "settings_schema", *LIMITS, "workspace")
FOLDED = {"classes": ("collapse",)}


def event_choices(kept: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the event types that the installed apps publish, each with its kind of source; and those chosen before."""
    known = {name: str(kind.label) for kind in platforms.context_kinds() for name in kind.event_types}
    gone = {str(name): "not installed" for name in kept if name not in known}
    return [(name, f"{name} ({label})") for name, label in sorted((known | gone).items())]


def schema_in_play(data: Mapping[str, Any] | None, script: Script | None) -> Any:
    """Return the schema as it is being entered, so that its fields are there at once; else the one that is kept."""
    typed = (data or {}).get("settings_schema")
    if typed is not None:
        try:
            return json.loads(typed or "{}")
        except ValueError:
            return {}
    return script.settings_schema if script else {}


class Indented(json.JSONEncoder):
    """JSON that a person edits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"indent": 2})


class ScriptForm(AnyModelForm):
    """Everything of a script but its text. Secrets can be set, replaced or removed, never read."""

    class Meta:
        model = Script
        exclude = ("settings", "secrets")
        labels = {
            "slug": _("Short name"),
            "cron": _("Schedule"),
            "batch_size": _("Events in one run"),
            "batch_minutes": _("Longest wait in minutes"),
            "batch_by": _("Collected are"),
            "pace_seconds": _("Pace in seconds"),
            "settings_schema": _("Schema of the settings"),
            "cpu_seconds": _("Computing time in seconds"),
            "wall_seconds": _("Whole time in seconds"),
            "memory_mib": _("Memory in MiB"),
        }
        help_texts = {
            "cpu_seconds": _("Of the script alone; while it waits for an answer the clock stands."),
            "wall_seconds": _("From start to end, answers of other systems included."),
        }
        widgets = {
            "about": forms.Textarea(attrs={"rows": 2}),
            "condition": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            "settings_schema": forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "event_types" not in self.fields:  # shown to someone who may only look
            return
        self.fields["event_types"] = forms.MultipleChoiceField(
            choices=event_choices(self.instance.event_types),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            label=_("On these events"),
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[(name, name) for name in sorted(available_timezones())], label=_("Time zone of the schedule")
        )
        self.fields["allow_hosts"] = LinesField(
            label=_("Other hosts"),
            help_text=_("One a line, such as api.example.com. The script may ask them, without any credentials."),
        )
        schema: Any = self.fields["settings_schema"]
        schema.encoder = Indented
        self._add_settings()
        self.fields["secret_rows"] = SecretRowsField(
            kept=self.instance.secrets or {},
            label=_("Secrets"),
            help_text=_("Used as ctx.secrets.NAME in headers and bodies. The script sees a placeholder only."),
        )

    def _add_settings(self) -> None:
        self.schema = schema_in_play(self.data if self.is_bound else None, self.instance)
        values = self.instance.settings or {}
        for slot in forms_settings.slots(self.schema):
            self.fields[slot.input] = forms_settings.form_field(slot, values)
        self.fields[REST] = forms_settings.rest_field(self.schema, values)

    def clean_settings_schema(self) -> Any:
        return self.cleaned_data["settings_schema"] or {}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.instance.settings = forms_settings.collected(self.schema, values)
        self.instance.secrets = applied(self.instance.secrets or {}, values.get("secret_rows") or {})
        return values

    def add_error(self, field: str | None, error: Any) -> None:
        """Show problems of settings and secrets at their own inputs."""
        if hasattr(error, "error_dict"):
            for message in (each for one in error.error_dict.pop("settings", []) for each in one.messages):
                self._refuse_setting(message)
            for each in error.error_dict.pop("secrets", []):
                super().add_error("secret_rows", each)
        super().add_error(field, error)

    def _refuse_setting(self, message: str) -> None:
        name, _colon, said = message.partition(": ")
        own = forms_settings.PREFIX + name.partition(".")[0]
        if own in self.fields:
            super().add_error(own, said)
        elif not self.errors:  # an input that was refused is missing from the settings: that is no second mistake
            super().add_error(REST, message)


def sections_to_fill(schema: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Return the form's sections, with the settings of a schema."""
    settings = [slot.input for slot in forms_settings.slots(schema)]
    return [
        (None, {"fields": WHAT}),
        (_("When it runs"), {"fields": WHEN}),
        (_("Batches and pace"), {"fields": BATCH, **FOLDED}),
        (_("Settings"), {"fields": (*settings, REST, "settings_schema")}),
        (_("Secrets and other hosts"), {"fields": ("secret_rows", "allow_hosts")}),
        (_("Limits of a run"), {"fields": LIMITS, **FOLDED}),
        (_("Tenant"), {"fields": ("workspace",), **FOLDED}),
    ]


def sections_to_read() -> list[tuple[Any, dict[str, Any]]]:
    """Return the sections for who may only look: of the secrets their names."""
    return [
        (None, {"fields": WHAT}),
        (_("When it runs"), {"fields": WHEN}),
        (_("Batches and pace"), {"fields": BATCH, **FOLDED}),
        (_("Settings"), {"fields": ("settings_shown", "secrets_shown", "allow_hosts")}),
        (_("Limits of a run"), {"fields": LIMITS, **FOLDED}),
    ]
