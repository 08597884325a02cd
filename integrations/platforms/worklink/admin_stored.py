from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import panels, subjects
from integrations.core.admin import ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import badge, pretty_json
from integrations.core.errors import FieldportError
from integrations.platforms.worklink import finding, setting_up
from integrations.platforms.worklink.calls import recordings
from integrations.platforms.worklink.models import (
    CallSession,
    LinkCheck,
    PhotoDownload,
    Reconciliation,
    ScenarioSession,
    Stored,
)

panels.register("connections.Connection", setting_up.connection_panel)
panels.register("inbox.WebhookSource", setting_up.source_panel)
subjects.register_search(finding.search)


LINK_TONES = {
    LinkCheck.NONE: "quiet",
    LinkCheck.ISSUED: "ok",
    LinkCheck.EDITED: "wait",
    LinkCheck.FOREIGN: "wait",
}


def _late(row: Stored) -> SafeString:
    return badge(_("after close"), "wait") if row.after_close else SafeString("")


class StoredAdmin(ReadOnlyAdmin):
    """An object of the CMS as it was last read."""

    list_filter: ClassVar[Any] = (
        "connection",
        "vendor_state",
        "started_at",
        "incomplete",
        "link_check",
        "after_close",
    )
    list_select_related = ("connection",)
    list_defer: ClassVar[Any] = ("document", "external_data", *SECRETS)
    grows = True
    search_fields: ClassVar[Any] = ("=resource_id", "=database_id")
    search_help_text = gettext_lazy("Session id or work order")
    ordering: ClassVar[Any] = ("-pk",)
    readonly_fields: ClassVar[Any] = ("belongs_to", "link_shown", "link_data", "whole")
    connection_shown = connection_column
    started = moment_column("started_at", gettext_lazy("started"))
    ended = moment_column("ended_at", gettext_lazy("ended"))
    changed = moment_column("changed_at", gettext_lazy("last changed"))

    @admin.display(description=gettext_lazy("state"), ordering="vendor_state")
    def state(self, row: Stored) -> SafeString:
        shown = badge(row.vendor_state.lower().replace("_", " ") or _("unknown"), "ok" if row.ended_at else "busy")
        shown += badge(_("read incompletely"), "wait") if row.incomplete else SafeString("")
        return shown + (self.link_shown(row) if row.link_check != LinkCheck.NONE else _late(row))

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: Stored) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("started from"), ordering="link_check")
    def link_shown(self, row: Stored) -> SafeString:
        check = LinkCheck(row.link_check)
        return badge(check.label, LINK_TONES[check], title=row.link_note) + _late(row)

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
        "link_shown",
        "link_note",
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
    list_filter = (*StoredAdmin.list_filter, ("possible_twin", EmptyFieldListFilter))
    fields = (
        "vendor_state",
        "belongs_to",
        "link_shown",
        "link_note",
        "connection",
        "resource_id",
        "database_id",
        "started_at",
        "connected_at",
        "ended_at",
        "participants",
        "possible_twin",
        "generation",
        "read_at",
        "link_data",
        "whole",
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.recording)
        name = "worklink_callsession_recording"
        return [path("<int:pk>/recordings/<int:number>/", view, name=name), *super().get_urls()]

    def recording(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(CallSession.objects.select_related("connection"), pk=pk)
        try:
            return recordings.opened(request, row, number)
        except FieldportError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:worklink_callsession_change", args=[pk]))

    @admin.display(description=gettext_lazy("state"), ordering="vendor_state")
    def state(self, row: Any) -> SafeString:
        twin = badge(_("possible twin"), "wait") if row.possible_twin_id else SafeString("")
        return super().state(row) + twin


panels.register("worklink.CallSession", recordings.panel)


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
