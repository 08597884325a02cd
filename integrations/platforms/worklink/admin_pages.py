from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import panels
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import badge
from integrations.core.page_actions import page_action
from integrations.platforms.worklink.links import pages
from integrations.platforms.worklink.models import LinkPage
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.pages import codes, order_panel, sheet, snippets
from integrations.workorders.admin import order_link

panels.register("workorders.WorkOrder", order_panel.panel)
panels.register_action("workorders.WorkOrder", sheet.ACTION)
panels.register_links("worklink.LinkTemplate", snippets.links)


@admin.register(LinkPage)
class LinkPageAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Link pages")
    intro = gettext_lazy("Pages with the links of one order, without sign-in: whoever has the address sees it.")
    empty_hint = gettext_lazy("Switch “Host a link page per order” on in the settings of a WorkLink connection.")
    list_display = ("called", "state", "connection_shown", "created", "ends")
    list_filter = ("connection", "created_at")
    list_select_related = ("connection", "work_order")
    list_defer = tuple(name for name in SECRETS if name != "connection__settings")
    search_fields = ("=work_order__external_ids__external_id",)
    grows = True
    search_help_text = gettext_lazy("the order's id in its system of record; whole")
    ordering = ("-pk",)
    fields = ("belongs_to", "connection", "address", "created_at", "expires_at", "revoked_at")
    readonly_fields = ("belongs_to", "address")
    page_actions = ("renew", "revoke")
    connection_shown = connection_column
    created = moment_column("created_at", gettext_lazy("made"))
    ends = moment_column("expires_at", gettext_lazy("ends"))

    def get_urls(self) -> list[URLPattern]:
        def wrapped(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("of-order/<int:pk>/", wrapped(order_panel.act), name="worklink_order_links"),
            path("code/<int:pk>/<slug:form>.<slug:kind>", wrapped(codes.code), name="worklink_code"),
            path("sheet/", wrapped(partial(sheet.page, self.admin_site)), name="worklink_sheet"),
            path("snippets/<int:pk>/", wrapped(partial(snippets.page, self.admin_site)), name="worklink_snippets"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("work_order__external_ids")

    def lead(self, row: LinkPage) -> list[SafeString]:
        return [self.state(row)]

    @admin.display(description=gettext_lazy("work order"))
    def called(self, row: LinkPage) -> str:
        return ", ".join(name.external_id for name in row.work_order.external_ids.all()) or f"#{row.work_order_id}"

    @admin.display(description=gettext_lazy("work order"))
    def belongs_to(self, row: LinkPage) -> SafeString:
        return order_link(row.work_order)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: LinkPage) -> SafeString:
        if not options_of(row.connection).host_pages:
            return badge(_("not hosted"), "quiet")
        if row.revoked_at:
            return badge(_("revoked"), "quiet")
        return badge(_("open"), "ok") if row.is_open(now=timezone.now()) else badge(_("ended"), "wait")

    @admin.display(description=gettext_lazy("address"))
    def address(self, row: LinkPage) -> SafeString:
        copy = '<span class="copyable"><code id="page-address">{}</code> <button type="button" class="button plain" '
        copy += 'data-copy="page-address" data-copied="{}">{}</button></span>'
        return format_html(copy, row.address, _("Copied"), _("Copy"))

    @page_action(gettext_lazy("New address"), right="change", tone="plain")
    def renew(self, request: HttpRequest, row: LinkPage) -> str:
        pages.renew(row, now=timezone.now())
        return _("The page has a new address. The old one leads nowhere from now on.")

    @page_action(gettext_lazy("Revoke"), right="change", tone="danger", shown=lambda row: row.revoked_at is None)
    def revoke(self, request: HttpRequest, row: LinkPage) -> str:
        pages.revoke(row, now=timezone.now())
        return _("The page is closed: its address leads nowhere from now on.")
