"""Making and changing a key of the REST API: whose rights it has, in which site, until when."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from integrations.camera.models import ApiKey, LinkBy
from integrations.camera.services import keys
from integrations.core.generic import AnyModelForm

IN_USE = _("This key is in use already; each has a user and a site of its own.")
WHO = ("site", "user", "name", "value", "expires_at")
JOINS = ("link_by", "link_metadata_key")


class ApiKeyForm(AnyModelForm):
    """`value` is there only while a key is made: one that clients use already, else a new one is drawn."""

    value = forms.CharField(
        required=False,
        label=_("Value of an existing key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("So that clients go on with the key that they have. Empty: a new one is made, shown once."),
    )

    class Meta:
        model = ApiKey
        fields = (*(name for name in WHO if name != "value"), *JOINS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            users: Any = self.fields["user"]
            users.queryset = User.objects.filter(is_active=True).order_by("username")
            users.help_text = _("The key has this user's rights over field orders: view, add, change, delete.")

    def clean_value(self) -> str:
        value = str(self.cleaned_data["value"])
        try:
            return keys.check_value(value) if value else ""
        except keys.KeyInvalid as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        made = super().clean() or self.cleaned_data
        if made.get("link_by") == LinkBy.METADATA and not made.get("link_metadata_key"):
            self.add_error("link_metadata_key", _("Name the key of the metadata that holds the work order's key."))
        value = made.get("value")
        if value and ApiKey.objects.filter(key_hash=ApiKey.hash_of(value)).exists():
            self.add_error("value", IN_USE)
        return made

    def issue(self, key: Any) -> None:
        """Keep the key; the value stays on the instance for the page that answers this request."""
        made = dict(self.cleaned_data)
        entered, site, user, name = (made.pop(each) for each in ("value", "site", "user", "name"))
        issued, value = keys.issue(site, user=user, name=name, value=entered, values=made)
        key.pk, key.prefix, key.value_once = issued.pk, issued.prefix, "" if entered else value
