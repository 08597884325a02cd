from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.forms_keys import JOINS, WHO, ApiKeyForm
from integrations.camera.models import ApiKey
from integrations.camera.services import keys
from integrations.core import clock
from integrations.core.admin import HistoryAdmin, moment_column
from integrations.core.badges import badge
from integrations.core.page_actions import page_action


def is_open(row: ApiKey) -> bool:
    return row.revoked_at is None


@admin.register(ApiKey)
class ApiKeyAdmin(HistoryAdmin):
    heading = gettext_lazy("API keys of the camera")
    intro = gettext_lazy("What programs use the camera's REST API with. The value is shown once, when it is made.")
    empty_hint = gettext_lazy("Add one for each program, or enter the value of the vendor's key that it uses.")
    form = ApiKeyForm
    list_display = ("name", "prefix", "usable", "site", "user", "expires", "last_used")
    list_filter = ("site",)
    list_select_related = ("site", "user")
    list_defer = ("key_hash", "site__metadata_schema", "user__password")
    search_fields = ("name", "prefix")
    ordering = ("-pk",)
    page_actions = ("revoke",)
    expires = moment_column("expires_at", gettext_lazy("expires"))
    last_used = moment_column("last_used_at", gettext_lazy("last used"))

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        who = WHO if obj is None else tuple(name for name in WHO if name != "value")
        return [(None, {"fields": who}), (_("Which work order it belongs to"), {"fields": JOINS})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("site", "user") if obj else ()  # a key is never altered under its holder

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_open(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return False  # orders name it: it is revoked instead

    def save_model(self, request: Any, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            form.issue(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        if not obj.value_once:
            return super().response_add(request, obj, post_url_continue)
        context = self.admin_site.each_context(request) | {"title": _("Copy the key now"), "key": obj}
        answer = TemplateResponse(request, "camera/admin/key_issued.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def lead(self, row: ApiKey) -> list[SafeString]:
        return [self.usable(row)]

    @admin.display(description=gettext_lazy("state"))
    def usable(self, row: ApiKey) -> SafeString:
        if row.revoked_at:
            return badge(_("revoked"), "quiet")
        expired = row.expires_at and row.expires_at <= clock.now()
        return badge(_("expired"), "wait") if expired else badge(_("valid"), "ok")

    @page_action(gettext_lazy("Revoke"), right="change", tone="danger", shown=is_open)
    def revoke(self, request: HttpRequest, row: ApiKey) -> str:
        keys.revoke(row, now=clock.now())
        return _("Revoked: requests with this key are refused from now on.")
