from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.forms_tokens import SECTIONS, ConnectorTokenForm
from integrations.camera.models import CatalogueVersion, ConnectorToken, Site
from integrations.camera.pages import examples
from integrations.camera.services import tokens
from integrations.core import clock
from integrations.core.admin import HistoryAdmin, moment_column
from integrations.core.badges import badge
from integrations.core.page_actions import Link, page_action

OF_CONNECTION = (
    "connection__credentials",
    "connection__token_cache",
    "connection__probe",
    "connection__settings",
)


@admin.register(Site)
class SiteAdmin(HistoryAdmin):
    heading = gettext_lazy("Camera sites")
    intro = gettext_lazy("One deployment of the camera each: its catalogue, its tokens, and its system of record.")
    empty_hint = gettext_lazy("Add a connection of the platform “camera”, then a site on it.")
    list_display = ("name", "slug", "connection", "catalogue")
    list_select_related = ("connection", "active_version")
    list_defer = (*OF_CONNECTION, "metadata_schema")
    search_fields = ("name", "slug")
    ordering = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("workspace", "name", "slug", "connection", "metadata_schema", "require_metadata", "strict_names")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return {} if obj or not self.has_add_permission(request) else self.prepopulated_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """One with orders or tokens stays: its rows name it."""
        used = obj is not None and (obj.orders.exists() or obj.tokens.exists() or obj.active_version_id)
        return super().has_delete_permission(request, obj) and not used

    @admin.display(description=gettext_lazy("catalogue"))
    def catalogue(self, row: Site) -> SafeString:
        version: CatalogueVersion | None = row.active_version
        if version is None:
            return badge(_("none is activated"), "wait")
        return badge(_("version {number}").format(number=version.number), "ok")

    def page_links(self, request: HttpRequest, row: Site) -> list[Link]:
        asked = f"?site__id__exact={row.pk}"
        return [Link(_("Tokens"), reverse("admin:camera_connectortoken_changelist") + asked)]


def is_open(row: ConnectorToken) -> bool:
    return row.revoked_at is None


@admin.register(ConnectorToken)
class ConnectorTokenAdmin(HistoryAdmin):
    heading = gettext_lazy("Connector tokens")
    intro = gettext_lazy(
        "What field apps send their users to the camera with. The value is shown once, when it is made."
    )
    empty_hint = gettext_lazy("Add one for each field app, or enter the value of the vendor's token that it uses.")
    form = ConnectorTokenForm
    list_display = ("name", "prefix", "usable", "site", "user", "flow", "expires", "last_used")
    list_filter = ("site", "flow")
    list_select_related = ("site", "user")
    list_defer = ("token_hash", "callback_targets", "site__metadata_schema", "user__password")
    search_fields = ("name", "prefix")
    ordering = ("-pk",)
    page_actions = ("revoke",)
    expires = moment_column("expires_at", gettext_lazy("expires"))
    last_used = moment_column("last_used_at", gettext_lazy("last used"))

    class Media:
        css = {"all": ("camera_admin/camera.css",)}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(examples.page, self))
        return [path("<int:pk>/examples/", view, name="camera_connectortoken_examples"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """The value is entered once; afterwards nobody can read or change it."""
        if obj is None:
            return [(heading, {"fields": names, **options}) for heading, names, options in SECTIONS]
        return [
            (heading, {"fields": tuple(name for name in names if name != "value"), **options})
            for heading, names, options in SECTIONS
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("site",) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_open(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False  # visits name it: it is revoked instead

    def save_model(self, request: Any, obj: ConnectorToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            form.issue(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        if not obj.value_once:
            return super().response_add(request, obj, post_url_continue)
        context = self.admin_site.each_context(request) | {"title": _("Copy the token now"), "token": obj}
        answer = TemplateResponse(request, "camera/admin/token_issued.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def lead(self, row: ConnectorToken) -> list[SafeString]:
        return [self.usable(row)]

    def page_links(self, request: HttpRequest, row: ConnectorToken) -> list[Link]:
        return [Link(_("Example addresses"), reverse("admin:camera_connectortoken_examples", args=[row.pk]))]

    @admin.display(description=gettext_lazy("state"))
    def usable(self, row: ConnectorToken) -> SafeString:
        if row.revoked_at:
            return badge(_("revoked"), "quiet")
        expired = row.expires_at and row.expires_at <= clock.now()
        return badge(_("expired"), "wait") if expired else badge(_("valid"), "ok")

    @page_action(gettext_lazy("Revoke"), right="change", tone="danger", shown=is_open)
    def revoke(self, request: HttpRequest, row: ConnectorToken) -> str:
        tokens.revoke(row, now=clock.now())
        return _("Revoked: visits with this token are refused from now on, and open ones end.")
