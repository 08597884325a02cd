"""The form of a connection: its credentials and settings as fields of their own, made from the schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.connections import credential_fields, setting_schema
from integrations.connections.auth_kinds import AuthKind
from integrations.connections.models import Connection
from integrations.connections.schema import Field
from integrations.core import platforms
from integrations.core.generic import AnyModelForm
from integrations.core.secret_fields import SecretField, merged


@dataclass(frozen=True)
class Slot:
    """One field of one JSON object, as an input: its name in the form, and for which choices it is shown."""

    input: str
    field: Field
    shown_for: str
    holder: str  # "credentials" or "settings"


def credential_slots() -> Iterator[Slot]:
    """Yield an input for each credential; kinds that share a name share its input, so switching loses nothing."""
    kinds: dict[str, list[str]] = {}
    fields: dict[str, Field] = {}
    for kind in AuthKind.values:
        for each in () if kind == AuthKind.PLATFORM else credential_fields.credential_fields(kind, platform=""):
            fields.setdefault(each.name, each)
            kinds.setdefault(each.name, []).append(kind)
    certificates = {each.name for each in credential_fields.CERTIFICATES}
    for name, each in fields.items():
        shown = "" if name in certificates else f"auth_kind:{','.join(kinds[name])}"
        yield Slot(f"credential_{name}", each, shown, "credentials")
    for slug, _label in platform_choices():
        yield from _own_slots(slug, certificates)


def _own_slots(slug: str, certificates: set[str]) -> Iterator[Slot]:
    if not credential_fields.has_own(slug):
        return
    for each in credential_fields.credential_fields(AuthKind.PLATFORM, platform=slug):
        if each.name not in certificates:
            shown = f"auth_kind:{AuthKind.PLATFORM};platform:{slug}"
            yield Slot(f"own_{slug}_{each.name}", each, shown, "credentials")


def setting_slots() -> Iterator[Slot]:
    for slug in setting_schema.platforms():
        for each in setting_schema.fields_of(slug):
            yield Slot(f"setting_{slug}_{each.name}", each, f"platform:{slug}", "settings")


def platform_choices() -> list[tuple[str, str]]:
    known = dict(platforms.choices())
    return sorted({slug: known.get(slug, slug) for slug in {*known, *setting_schema.platforms()}}.items())


def slots() -> list[Slot]:
    return [*credential_slots(), *setting_slots()]


def is_chosen(slot: Slot, values: dict[str, Any]) -> bool:
    """Tell whether an input belongs to the chosen platform and kind of credentials."""
    conditions = [part.partition(":") for part in slot.shown_for.split(";") if part]
    return all(values.get(name) in allowed.split(",") for name, _colon, allowed in conditions)


def form_field(slot: Slot, value: Any) -> forms.Field:
    """Return the form's field for an input, holding its present value; a secret holds none."""
    each, shown = slot.field, {"data-for": slot.shown_for} if slot.shown_for else {}
    words: dict[str, Any] = {"label": each.label, "help_text": each.help}
    made: forms.Field
    if each.is_secret:
        made = SecretField(is_set=bool(value), lines=each.type == "pem", **words)
    else:
        made = _plain(each, value, words)
    made.widget.attrs |= shown
    return made


def _plain(each: Field, value: Any, words: dict[str, Any]) -> forms.Field:
    present = each.default if value is None else value
    words |= {"required": False, "initial": present}
    if each.type == "choice" or each.choices:
        return forms.ChoiceField(choices=each.choices, **words)
    if each.type == "boolean":
        return forms.BooleanField(**words)
    if each.type == "number":
        return forms.FloatField(**words)
    if each.type == "list":
        words["initial"] = ", ".join(present or [])
        words["help_text"] = words["help_text"] or _("Separated by commas.")
    return forms.CharField(**words)


def stored(slot: Slot, cleaned: Any, old: Any) -> Any:
    """Return what is kept for an input: None where it is empty, or the schema's own default."""
    if slot.field.is_secret:
        return merged(old or "", cleaned) or None
    if slot.field.type == "list":
        return [part.strip() for part in cleaned.split(",") if part.strip()] or None
    if slot.field.type == "number" and cleaned is not None and cleaned == int(cleaned):
        cleaned = int(cleaned)
    return None if cleaned in (None, "", slot.field.default) else cleaned


class ConnectionForm(AnyModelForm):
    """Everything of a connection. Secrets can be set, replaced or removed, never read."""

    class Meta:
        model = Connection
        exclude = ("credentials", "settings")
        labels = {
            "slug": _("Short name"),
            "base_url": _("Address"),
            "auth_kind": _("Signs in by"),
            "capture": _("Capture: record writes, do not send them"),
            "skip_closed_records": _("Skip closed records"),
            "rate_per_second": _("Requests per second"),
            "max_concurrency": _("Requests at once"),
            "daily_quota": _("Requests in a day"),
            "reserved_percent": _("Kept for writes, in per cent"),
            "quota_header": _("Header of the usage"),
            "settle_seconds": _("Settle time in seconds"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["platform"] = forms.ChoiceField(choices=platform_choices(), label=_("Platform"))
        self.slots = slots()
        for slot in self.slots:
            holder = getattr(self.instance, slot.holder) or {}
            self.fields[slot.input] = form_field(slot, holder.get(slot.field.name))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for holder in ("credentials", "settings"):
            setattr(self.instance, holder, self._collected(holder, values))
        return values

    def _collected(self, holder: str, values: dict[str, Any]) -> dict[str, Any]:
        old = getattr(self.instance, holder) or {}
        kept: dict[str, Any] = {}
        for slot in self.slots:
            if slot.holder == holder and is_chosen(slot, values) and slot.input in values:
                value = stored(slot, values[slot.input], old.get(slot.field.name))
                if value is not None:
                    kept[slot.field.name] = value
        return kept

    def add_error(self, field: str | None, error: Any) -> None:
        """Show problems of the two JSON objects, which have no input of their own, above the form."""
        if hasattr(error, "error_dict"):
            for holder in ("credentials", "settings"):
                for each in error.error_dict.pop(holder, []):
                    super().add_error(None, each)
        super().add_error(field, error)


ACCOUNT = ("name", "slug", "platform", "environment", "base_url")
PACE = ("rate_per_second", "max_concurrency", "daily_quota", "reserved_percent", "quota_header", "settle_seconds")
WRITING = ("capture", "skip_closed_records", "write_from")
TIMES = ("time_zone", "date_format")
MODEL_FIELDS = (*ACCOUNT, "auth_kind", *PACE, *WRITING, *TIMES, "workspace")
FOLDED = {"classes": ("collapse",)}


def sections_to_fill() -> list[tuple[Any, dict[str, Any]]]:
    """Return the form's sections, those of the schemas included."""
    secret = [slot.input for slot in credential_slots() if slot.shown_for]
    certificates = [slot.input for slot in credential_slots() if not slot.shown_for]
    return [
        (None, {"fields": ACCOUNT}),
        (_("Credentials"), {"fields": ("auth_kind", *secret)}),
        (_("Client certificate"), {"fields": certificates, **FOLDED}),
        (_("Platform settings"), {"fields": [slot.input for slot in setting_slots()]}),
        *_common(),
    ]


def sections_to_read() -> list[tuple[Any, dict[str, Any]]]:
    """Return the sections for who may only look: nothing of the credentials."""
    return [
        (None, {"fields": (*ACCOUNT, "auth_kind")}),
        (_("Platform settings"), {"fields": ("settings_shown",)}),
        *_common(),
    ]


def _common() -> list[tuple[Any, dict[str, Any]]]:
    return [
        (_("Writing"), {"fields": WRITING}),
        (_("Times"), {"fields": TIMES}),
        (_("Pace"), {"fields": PACE, **FOLDED}),
        (_("Capability probe"), {"fields": ("probe_shown",), **FOLDED}),
        (_("Tenant"), {"fields": ("workspace",), **FOLDED}),
    ]
