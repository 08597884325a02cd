"""What a person sets of a destination; its secrets and own headers can be set, and are never shown again."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core.admin import MomentInput
from integrations.core.generic import AnyModelForm
from integrations.core.secret_fields import SecretField
from integrations.outbox.models import Destination
from integrations.outbox.validation import header_problems


class DestinationForm(AnyModelForm):
    class Meta:
        model = Destination
        fields = ("url", "method", "rate_per_second", "concurrency", "connect_seconds", "total_seconds")
        labels = {
            "url": gettext_lazy("Address"),
            "rate_per_second": gettext_lazy("Requests per second"),
            "concurrency": gettext_lazy("Requests at once"),
            "connect_seconds": gettext_lazy("Seconds to connect"),
            "total_seconds": gettext_lazy("Seconds for a request"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ", ".join(self.instance.headers)
        self.fields["own_headers"] = SecretField(
            is_set=bool(names),
            lines=True,
            label=_("Own headers"),
            help_text=_("One on a line, as Name: value; they replace those that are set.")
            + (" " + _("Set: {names}.").format(names=names) if names else ""),
        )

    def clean_own_headers(self) -> dict[str, str] | None:
        typed = self.cleaned_data["own_headers"]
        if typed is None:
            return None
        headers = parsed_headers(typed)
        if problems := header_problems(headers):
            raise forms.ValidationError(problems)
        return headers

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if (headers := values.get("own_headers")) is not None:
            self.instance.headers = headers
        return values


def parsed_headers(typed: str) -> dict[str, str]:
    """Read `Name: value` lines; a line without a colon becomes a name that is refused."""
    lines = [line.partition(":") for line in typed.splitlines() if line.strip()]
    return {name.strip(): value.strip() for name, _colon, value in lines}


class SecretForm(forms.Form):
    """A new secret, and for how long the one before signs too."""

    secret = forms.CharField(
        label=gettext_lazy("New secret"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Empty: one is made. A text of your own, or whsec_ and base64 (Standard Webhooks)."),
    )
    hours = forms.IntegerField(
        label=gettext_lazy("Hours during which both sign"),
        min_value=0,
        max_value=24 * 30,
        initial=24,
        help_text=gettext_lazy("Until then the receiver may know either. 0: the old one ends now."),
    )

    @property
    def keep(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class RangeForm(forms.Form):
    """Which deliveries are meant."""

    start = forms.DateTimeField(label=gettext_lazy("Made from"), widget=MomentInput)
    end = forms.DateTimeField(label=gettext_lazy("until before"), widget=MomentInput)
    destination = forms.ModelChoiceField(
        Destination.objects.kept().defer("secrets", "headers").order_by("name"),
        label=gettext_lazy("Destination"),
        required=False,
        empty_label=gettext_lazy("all destinations"),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("Which"),
        choices=[("dead", gettext_lazy("not delivered")), ("all", gettext_lazy("all that have ended"))],
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") and values.get("end") and values["start"] >= values["end"]:
            self.add_error("end", _("The end must be after the start."))
        return values
