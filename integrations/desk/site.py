"""The admin site: our menu instead of a list of apps, a home page, and a banner while writes are held back."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.models import Installation
from integrations.desk import help, history, home, menu


class FieldportSite(AdminSite):
    site_header = "Fieldport"
    site_title = "Fieldport"
    index_title = gettext_lazy("Home")
    index_template = "desk/home.html"
    enable_nav_sidebar = False
    site_url = None

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context |= {"menu": menu.for_request(self, request), "capture": capture_reason()}
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, extra_context=home.context(request) | (extra_context or {}))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        ours = [
            path("settings/", self.admin_view(self.settings_view), name="desk_settings"),
            path("help/<slug:slug>/", self.admin_view(self.help_view), name="desk_help"),
            path("history/", self.admin_view(self.history_view), name="desk_history"),
        ]
        return ours + super().get_urls()

    def settings_view(self, request: HttpRequest) -> HttpResponse:
        return menu.settings_page(self, request)

    def help_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        return help.page(self, request, slug=slug)

    def history_view(self, request: HttpRequest) -> HttpResponse:
        return history.page(self, request)


def capture_reason() -> str:
    """Return why writes are not sent at present; "" when they are."""
    if settings.OUTBOUND == "off":
        return _("OUTBOUND=off: nothing leaves this installation.")
    if settings.OUTBOUND == "capture":
        return _("OUTBOUND=capture: writes are recorded, not sent.")
    reason = Installation.objects.values_list("capture_reason", flat=True).first()
    return reason or ""
