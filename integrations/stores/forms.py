"""The form of a store: what its kind needs, its secret set, replaced or removed, never read."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from integrations.core.admin import MomentInput
from integrations.core.generic import AnyModelForm
from integrations.core.secret_fields import SecretField, merged
from integrations.stores import checks
from integrations.stores.models import DataStore, StoreKind

SHOWN_FOR = {
    **dict.fromkeys(("host", "port", "database", "username", "password", "tls"), StoreKind.POSTGRESQL),
    **dict.fromkeys(("bucket", "prefix", "region", "endpoint_url", "access_key_id"), StoreKind.S3),
    "secret_access_key": StoreKind.S3,
    **dict.fromkeys(("destination", "url"), StoreKind.OTHER),
}
LABELS = {"password": _("Password"), "secret_access_key": _("Secret key"), "url": _("Connection string")}
PLACE = ("name", "slug", "kind", "dataset")
ACCOUNT = tuple(SHOWN_FOR)
WHEN = ("cron", "time_zone", "enabled")


class StoreForm(AnyModelForm):
    class Meta:
        model = DataStore
        exclude = ("secrets",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            self.fields[name] = SecretField(is_set=bool(self.instance.secret(name)), label=label)
        for name, kind in SHOWN_FOR.items():
            self.fields[name].widget.attrs["data-for"] = f"kind:{kind}"
        if not settings.STORE_DESTINATIONS and self.instance.kind != StoreKind.OTHER:
            kinds = [choice for choice in StoreKind.choices if choice[0] != StoreKind.OTHER]
            self.fields["kind"] = forms.ChoiceField(choices=kinds, label=_("Kind"))
        if "port" in self.fields:  # as text: a number's field is too narrow for one
            self.fields["port"] = forms.IntegerField(
                required=False, initial=5432, min_value=1, max_value=65535, widget=_digits("kind:POSTGRESQL")
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        values["port"] = values.get("port") or 5432
        old = self.instance.secrets or {}
        kept = {name: merged(str(old.get(name, "")), values.get(name)) for name in LABELS}
        self.instance.secrets = {name: value for name, value in kept.items() if value}
        given = {name: values[name] for name in values if name not in LABELS}
        store = DataStore(**given, secrets=self.instance.secrets)
        for field, sentence in checks.problems(store):
            if field in self.fields and field not in self.errors:
                self.add_error(field, sentence)
        return values


def _digits(shown_for: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "data-for": shown_for})


class PeriodForm(forms.Form):
    """Which facts are loaded again, by when they happened."""

    since = forms.DateTimeField(label=_("Happened from"), widget=MomentInput, required=False)
    until = forms.DateTimeField(label=_("until before"), widget=MomentInput, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("since") and values.get("until") and values["since"] >= values["until"]:
            self.add_error("until", _("The end must be after the start."))
        return values
