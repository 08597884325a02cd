from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, named
from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import badge
from integrations.platforms.worklink.forms import LinkTemplateForm
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.links.showing import order_for, preview, shown
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate, LinkWish
from integrations.workorders.admin import order_link

TEMPLATE = "admin:worklink_linktemplate"


@admin.register(LinkTemplate)
class LinkTemplateAdmin(HistoryAdmin):
    heading = gettext_lazy("Link templates")
    intro = gettext_lazy(
        "How the links of work orders are made: what they open in WorkLink, and what they carry along."
    )
    empty_hint = gettext_lazy("Add one: choose the connection and a purpose; the usual link is filled in.")
    form = LinkTemplateForm
    change_form_template = "worklink/link_template.html"
    list_display = ("name", "slug", "purpose", "opens", "connection", "form", "automatic", "state")
    list_filter = ("connection", "purpose", "enabled", "automatic")
    list_select_related = ("connection",)
    list_defer = SECRETS
    search_fields = ("name", "slug")
    ordering = ("connection__name", "name")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("connection", "name", "slug", "purpose", "enabled", "automatic")}),
        (gettext_lazy("What it opens"), {"fields": ("base_link", "plus_is_space")}),
        (gettext_lazy("What it carries along"), {"fields": ("external_data", "system", "with_lnk", "with_sor")}),
        (gettext_lazy("How it is written"), {"fields": ("form", "longest")}),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = [
            path("preview/", view, name="worklink_linktemplate_preview"),
            path("<int:pk>/preview/", view, name="worklink_linktemplate_preview_of"),
        ]
        return [*own, *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: LinkTemplate | None = None) -> tuple[str, ...]:
        return ("connection",) if obj else ()  # links that were given out are known by it

    def get_prepopulated_fields(self, request: HttpRequest, obj: LinkTemplate | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def lead(self, row: LinkTemplate) -> list[SafeString]:
        return [self.state(row), named(row.connection)]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        context["preview_url"] = (
            reverse(f"{TEMPLATE}_preview_of", args=[row.pk]) if row else reverse(f"{TEMPLATE}_preview")
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Show the link of a chosen order as the form stands; nothing is saved or given out."""
        row = self.get_object(request, str(pk)) if pk else None
        if pk and row is None:
            raise Http404
        if not (self.has_change_permission(request, row) if row else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, row, change=bool(row))(request.POST or None, instance=row)
        context = {
            "form": form,
            "list_heading": self._heading(),
            "title": _("Preview"),
            **self._previewed(request, form),
        }
        if request.headers.get("X-Part"):
            return TemplateResponse(request, "worklink/link_shown.html", context)
        return TemplateResponse(request, "worklink/link_preview.html", self.admin_site.each_context(request) | context)

    def _previewed(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        called = request.POST.get("preview_order", "").strip()
        if not form.is_valid():
            return {
                "errors": [
                    (form[name].label if name in form.fields else "", said) for name, said in form.errors.items()
                ]
            }
        order = order_for(form.instance, called)
        if order is None:
            return {"order_missing": True, "called": called}
        return {"shown": preview(form.instance, order), "order": order}

    @admin.display(description=gettext_lazy("opens"))
    def opens(self, row: LinkTemplate) -> str:
        try:
            target = row.base().target
        except LinkRefused as refused:  # it came in past the form
            return refused.sentence
        return f"{target.key} = {target.value}" if target else "–"

    @admin.display(description=gettext_lazy("state"), ordering="enabled")
    def state(self, row: LinkTemplate) -> SafeString:
        return badge(_("on"), "ok") if row.enabled else badge(_("off"), "quiet")


@admin.register(IssuedLink)
class IssuedLinkAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Issued links")
    intro = gettext_lazy("Links as they were given out. A changed order gets a new one; the older stays known.")
    empty_hint = gettext_lazy("Issue one by the API, or let a link template issue them by itself.")
    list_display = ("__str__", "template", "belongs_to", "opens", "issued")
    list_filter = ("template", "issued_at")
    list_select_related = ("template", "work_order")
    list_defer = ("external_data", "direct")
    search_fields = ("=lnk", "=work_order__external_ids__external_id")
    grows = True
    search_help_text = gettext_lazy("lnk, or the order's id in its system of record; whole")
    ordering = ("-pk",)
    fields = ("template", "belongs_to", "lnk", "issued_at", "whole")
    readonly_fields = ("belongs_to", "whole")
    issued = moment_column("issued_at", gettext_lazy("issued"))

    class Media:
        css = {"all": ("worklink/links.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedLink]:
        return super().get_queryset(request).prefetch_related("work_order__external_ids")

    @admin.display(description=gettext_lazy("work order"))
    def belongs_to(self, row: IssuedLink) -> SafeString:
        return order_link(row.work_order)

    @admin.display(description=gettext_lazy("opens"), ordering="target_value")
    def opens(self, row: IssuedLink) -> str:
        return f"{row.target_key} = {row.target_value}" if row.target_key else row.action

    @admin.display(description=gettext_lazy("link"))
    def whole(self, row: IssuedLink) -> SafeString:
        context = {"shown": shown(row.direct, longest=row.template.longest), "order": row.work_order}
        return SafeString(render_to_string("worklink/link_shown.html", context))


@admin.register(LinkWish)
class LinkWishAdmin(WorkAdmin):
    heading = gettext_lazy("Automatic links")
    intro = gettext_lazy("Orders whose links are issued by themselves, again after each change of the order.")
    empty_hint = gettext_lazy("Set a link template to issue by itself; the next new or changed order brings one.")
    list_display = ("__str__", "state_badge", "explained", "belongs_to", "due", "attempts")
    search_fields = ("=subject",)
    search_help_text = gettext_lazy("Work order")
    exclude = ("claim_token",)
