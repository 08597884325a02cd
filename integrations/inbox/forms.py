"""The form of a source: how it proves itself as fields of their own, and up to two secrets that are valid at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.core.errors import AddressRefused
from integrations.core.generic import AnyModelForm
from integrations.core.network import check_url
from integrations.core.secret_fields import SecretField, merged
from integrations.inbox.models import Verification, WebhookSource

SIGNED = f"verification:{Verification.HEADER},{Verification.HMAC}"
HMAC_ONLY = f"verification:{Verification.HMAC}"
PROVING = "verification:" + ",".join(value for value in Verification.values if value != Verification.ADDRESS)
OPTIONS = ("header", "prefix", "algorithm", "encoding")
INPUTS = tuple(f"option_{name}" for name in OPTIONS)
ALGORITHMS = [(name, name.upper()) for name in ("sha256", "sha512", "sha1")]
ENCODINGS = [("hex", "hex"), ("base64", "base64")]
FIELDS = ("connection", "name", "enabled", "verification", "max_bytes", "relay_url")


def _option(shown: str, **words: Any) -> dict[str, Any]:
    return {"required": False, "widget": forms.TextInput(attrs={"data-for": shown, "class": "vTextField"})} | words


class SourceForm(AnyModelForm):
    option_header = forms.CharField(
        label=_("Header"), help_text=_("Empty: X-Webhook-Token, or X-Signature."), **_option(SIGNED)
    )
    option_prefix = forms.CharField(
        label=_("Prefix"), help_text=_("What stands before it, such as sha256="), **_option(SIGNED)
    )
    option_algorithm = forms.ChoiceField(
        label=_("Algorithm"),
        required=False,
        choices=ALGORITHMS,
        widget=forms.Select(attrs={"data-for": HMAC_ONLY}),
    )
    option_encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=ENCODINGS,
        widget=forms.Select(attrs={"data-for": HMAC_ONLY}),
    )
    relay_url = forms.URLField(
        label=_("Pass on to"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Each request is also sent to this address, byte for byte, without delaying ours."),
    )

    class Meta:
        model = WebhookSource
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OPTIONS:
            self.fields[f"option_{name}"].initial = self.instance.verification_options.get(name, "")
        old = [*self.instance.secrets, "", ""]
        words = _("For user and password write them as user:password.")
        self.fields["secret"] = SecretField(label=_("Secret"), is_set=bool(old[0]), help_text=words)
        words = _("Valid beside the first, while the sender changes over.")
        self.fields["second_secret"] = SecretField(label=_("Second secret"), is_set=bool(old[1]), help_text=words)
        for name in ("secret", "second_secret"):
            self.fields[name].widget.attrs["data-for"] = PROVING

    def clean_relay_url(self) -> str:
        url: str = self.cleaned_data["relay_url"]
        if problem := relay_problem(url):
            raise ValidationError(problem)
        return url

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        old = [*self.instance.secrets, "", ""]
        typed = [values.get("secret"), values.get("second_secret")]
        secrets = [kept for kept in map(merged, old, typed) if kept]
        if problem := secret_problem(values.get("verification", ""), secrets):
            self.add_error("secret", problem)
        self.instance.secrets = secrets
        names = options_of(values.get("verification", ""))
        self.instance.verification_options = {
            name: values[f"option_{name}"] for name in names if values.get(f"option_{name}")
        }
        return values


def options_of(verification: str) -> tuple[str, ...]:
    """Return the names of the options that a way of proving has."""
    return {Verification.HEADER: OPTIONS[:2], Verification.HMAC: OPTIONS}.get(
        Verification(verification or "ADDRESS"), ()
    )


def secret_problem(verification: str, secrets: Sequence[str]) -> str:
    """Say what is wrong with the secrets for a way of proving; empty if nothing is."""
    if verification == Verification.ADDRESS or any(secrets):
        return ""
    return str(_("This way of proving needs a secret; without one every request is refused."))


def relay_problem(url: str) -> str:
    """Say why requests may not be passed on to an address; empty if they may, or if there is none."""
    try:
        if url:
            check_url(url)
    except AddressRefused as error:
        return str(error)
    return ""
