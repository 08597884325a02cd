from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import panels, subjects
from integrations.core.admin import ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import badge, pretty_json
from integrations.platforms.worklink import finding, setting_up
from integrations.platforms.worklink.models import (
    CallSession,
    PhotoDownload,
    Reconciliation,
    ScenarioSession,
    Stored,
)

panels.register("connections.Connection", setting_up.connection_panel)
panels.register("inbox.WebhookSource", setting_up.source_panel)
subjects.register_search(finding.search)


class StoredAdmin(ReadOnlyAdmin):
    """An object of the CMS as it was last read."""

    list_filter: ClassVar[Any] = ("connection", "vendor_state", "started_at", "incomplete")
    list_select_related = ("connection",)
    list_defer: ClassVar[Any] = ("document", "external_data", *SECRETS)
    grows = True
    search_fields: ClassVar[Any] = ("=resource_id", "=database_id")
    search_help_text = gettext_lazy("Session id or work order")
    ordering: ClassVar[Any] = ("-pk",)
    readonly_fields: ClassVar[Any] = ("belongs_to", "link_data", "whole")
    connection_shown = connection_column
    started = moment_column("started_at", gettext_lazy("started"))
    ended = moment_column("ended_at", gettext_lazy("ended"))
    changed = moment_column("changed_at", gettext_lazy("last changed"))

    @admin.display(description=gettext_lazy("state"), ordering="vendor_state")
    def state(self, row: Stored) -> SafeString:
        shown = badge(row.vendor_state.lower().replace("_", " ") or _("unknown"), "ok" if row.ended_at else "busy")
        return shown + (badge(_("read incompletely"), "wait") if row.incomplete else SafeString(""))

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: Stored) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("link data"))
    def link_data(self, row: Stored) -> SafeString:
        return pretty_json(row.external_data, label=_("Link data"))

    @admin.display(description=gettext_lazy("whole document"))
    def whole(self, row: Stored) -> SafeString:
        return pretty_json(row.document, label=_("Whole document"))


@admin.register(ScenarioSession)
class ScenarioSessionAdmin(StoredAdmin):
    heading = gettext_lazy("Sessions")
    intro = gettext_lazy("Work-instruction sessions as they were last read from the CMS.")
    empty_hint = gettext_lazy("The first webhook that names a session, or the reconciler, brings one.")
    list_display = ("__str__", "scenario_name", "state", "belongs_to", "connection_shown", "started", "ended")
    list_filter = (*StoredAdmin.list_filter, "session_type", "outcome")
    list_defer = (*StoredAdmin.list_defer, "users")
    search_fields = (*StoredAdmin.search_fields, "scenario_name")
    fields = (
        "scenario_name",
        "vendor_state",
        "session_type",
        "outcome",
        "belongs_to",
        "connection",
        "resource_id",
        "database_id",
        "started_at",
        "ended_at",
        "steps_viewed",
        "steps_possible",
        "users",
        "generation",
        "read_at",
        "link_data",
        "whole",
    )


@admin.register(CallSession)
class CallSessionAdmin(StoredAdmin):
    heading = gettext_lazy("Calls")
    intro = gettext_lazy("Remote-assistance calls as they were last read from the CMS.")
    empty_hint = gettext_lazy("The first webhook that names a call, or the reconciler, brings one.")
    list_display = ("__str__", "state", "belongs_to", "connection_shown", "started", "ended")
    list_defer = (*StoredAdmin.list_defer, "participants")
    fields = (
        "vendor_state",
        "belongs_to",
        "connection",
        "resource_id",
        "database_id",
        "started_at",
        "connected_at",
        "ended_at",
        "participants",
        "generation",
        "read_at",
        "link_data",
        "whole",
    )


@admin.register(PhotoDownload)
class PhotoDownloadAdmin(WorkAdmin):
    heading = gettext_lazy("Photo downloads")
    intro = gettext_lazy("Pictures of sessions and calls, each fetched before its link expires.")
    empty_hint = gettext_lazy("A session with a photo answer brings the first.")
    list_display = ("__str__", "state_badge", "explained", "belongs_to", "due", "attempts")
    list_defer = ("url",)
    grows = True
    search_fields = ("label", "=event_id", "=session__resource_id")
    search_help_text = gettext_lazy("Label, work order or session id")
    exclude = ("url", "claim_token")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Reconciliation")
    intro = gettext_lazy("Every 15 minutes: what exists in the CMS, and how much of it no webhook had told us of.")
    empty_hint = gettext_lazy("The first run comes within 15 minutes of a connection's first successful test.")
    list_display = ("resource_type", "connection_shown", "told", "untold", "seen", "total", "started", "finished")
    list_filter = ("connection", "resource_type")
    list_select_related = ("connection",)
    list_defer = SECRETS
    ordering = ("-pk",)
    connection_shown = connection_column
    started = moment_column("started_at", gettext_lazy("started"))
    finished = moment_column("finished_at", gettext_lazy("finished"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.set_up)
        return [path("set-up/<int:pk>/", view, name="worklink_set_up"), *super().get_urls()]

    def set_up(self, request: HttpRequest, pk: int) -> HttpResponse:
        return setting_up.page(self.admin_site, request, pk)

    @admin.display(description=gettext_lazy("told by webhooks"))
    def told(self, row: Reconciliation) -> int:
        return row.told
