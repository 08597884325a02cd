"""Making an API token in the admin: scopes to tick, and the one page that shows its value."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from integrations.connections import services
from integrations.connections.models import ApiToken
from integrations.connections.scopes import registered
from integrations.core.generic import AnyModelForm


class ApiTokenForm(AnyModelForm):
    scopes = forms.MultipleChoiceField(choices=registered, widget=forms.CheckboxSelectMultiple, label=_("Scopes"))

    class Meta:
        model = ApiToken
        fields = ("workspace", "name", "scopes", "expires_at")

    def issue(self, token: Any, *, by: Any) -> None:
        """Make the token; its value stays on the instance for the page that answers this request."""
        made = self.cleaned_data
        issued, value = services.issue_token(made["name"], scopes=made["scopes"], expires_at=made["expires_at"], by=by)
        if issued.workspace_id != made["workspace"].pk:
            issued.workspace = made["workspace"]
            issued.save(update_fields=["workspace"])
        token.pk, token.prefix, token.value_once = issued.pk, issued.prefix, value


def issued_page(site: AdminSite, request: HttpRequest, token: Any) -> HttpResponse:
    """Show the value, this once: in the page itself, not in a message that a cookie would carry."""
    context = site.each_context(request) | {"title": _("Copy the token now"), "token": token}
    answer = TemplateResponse(request, "connections/token_issued.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
