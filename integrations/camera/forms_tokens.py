"""Making and changing a connector token: where visits go back to, what joins them, until when it holds."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from integrations.camera.models import ConnectorToken, LinkBy
from integrations.camera.protocol import callbacks, targets, tokens
from integrations.camera.protocol.errors import TokenRefused
from integrations.camera.services import tokens as services
from integrations.core.generic import AnyModelForm
from integrations.core.lines_field import LinesField

IN_USE = _("This token is in use already; each has settings of its own.")

WHO = ("site", "user", "name", "sign_in", "value", "expires_at")
BACK = ("default_callback", "flow", "callback_targets", "any_https_callback")
JOINS = ("link_by", "link_metadata_key", "technician_metadata_key")
DETAILS = ("input_id_on_cancel", "error_parameter", "messages_parameter")
SECTIONS: tuple[tuple[Any, tuple[str, ...], dict[str, Any]], ...] = (
    (None, WHO, {}),
    (_("The way back"), BACK, {}),
    (_("Which work order it belongs to"), JOINS, {}),
    (_("Details of the callback"), DETAILS, {"classes": ("collapse",)}),
)
MODEL_FIELDS = tuple(name for _heading, names, _options in SECTIONS for name in names if name != "value")


class ConnectorTokenForm(AnyModelForm):
    """`value` is there only while a token is made: one that field apps use already, else a new one is drawn."""

    value = forms.CharField(
        required=False,
        label=_("Value of an existing token"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("So that field apps go on with the token that they have. Empty: a new one is made, shown once."),
    )
    callback_targets = LinesField(
        label=_("Allowed targets"),
        help_text=_("One a line, beside the default's own host: https://host/path, or a scheme such as fsmapp:"),
    )

    class Meta:
        model = ConnectorToken
        fields = MODEL_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            users: Any = self.fields["user"]
            users.queryset = User.objects.filter(is_active=True).order_by("username")
            users.help_text = _("Whose visits they are: shown beside what is done with this token.")

    def clean_value(self) -> str:
        value = str(self.cleaned_data["value"])
        try:
            return tokens.check_issued(value) if value else ""
        except TokenRefused as error:
            raise forms.ValidationError(str(error)) from None

    def clean_default_callback(self) -> str:
        uri = str(self.cleaned_data["default_callback"]).strip()
        checked = targets.check_callback(uri)
        if isinstance(checked, targets.Refused):
            raise forms.ValidationError(checked.reason + ".")
        return uri

    def clean_messages_parameter(self) -> str:
        try:
            return callbacks.check_messages_parameter(str(self.cleaned_data["messages_parameter"]))
        except callbacks.ParameterRefused as error:
            raise forms.ValidationError(str(error)) from None

    def clean_callback_targets(self) -> list[str]:
        entries: list[str] = self.cleaned_data["callback_targets"]
        if problems := targets.problems_of(entries):
            raise forms.ValidationError(problems)
        return entries

    def clean(self) -> dict[str, Any]:
        made = super().clean() or self.cleaned_data
        if made.get("link_by") == LinkBy.METADATA and not made.get("link_metadata_key"):
            self.add_error("link_metadata_key", _("Name the key of wo_metadata that holds the work order's key."))
        value = made.get("value")
        if value and ConnectorToken.objects.filter(token_hash=ConnectorToken.hash_of(value)).exists():
            self.add_error("value", IN_USE)
        if made.get("sign_in") and (value or self._another_signs_in(made.get("site") or self.instance.site_id)):
            self.add_error("sign_in", _("A site has one token for signing in, and its value is nobody's."))
        return made

    def _another_signs_in(self, site: Any) -> bool:
        others = ConnectorToken.objects.filter(site=site, sign_in=True, revoked_at__isnull=True)
        return others.exclude(pk=self.instance.pk).exists()

    def issue(self, token: Any) -> None:
        """Keep the token; the value stays on the instance for the page that answers this request."""
        made = dict(self.cleaned_data)
        entered = made.pop("value")
        named = {name: made.pop(name) for name in ("user", "name", "default_callback")}
        issued, value = services.issue(made.pop("site"), **named, value=entered, values=made)
        shown = not entered and not issued.sign_in
        token.pk, token.prefix, token.value_once = issued.pk, issued.prefix, value if shown else ""
