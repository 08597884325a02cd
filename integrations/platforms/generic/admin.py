from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import clock, work
from integrations.core.admin import HistoryAdmin, moment_column
from integrations.core.badges import badge, sentence, state_badge
from integrations.core.page_actions import page_action
from integrations.core.wake import wake
from integrations.platforms.generic.forms import OWN, POLL, SECTIONS, FeedForm
from integrations.platforms.generic.models import WorkOrderFeed


@admin.register(WorkOrderFeed)
class WorkOrderFeedAdmin(HistoryAdmin):
    heading = gettext_lazy("Work order feeds")
    intro = gettext_lazy("How work orders come from a system of record: by its webhooks, or by asking what changed.")
    empty_hint = gettext_lazy("Add one for a system of record that does not use the REST API by itself.")
    form = FeedForm
    list_display = ("connection_shown", "state_badge", "explained", "polled")
    list_select_related = ("connection",)
    list_defer = SECRETS
    ordering = ("connection__name",)
    page_actions = ("poll_now",)
    connection_shown = connection_column
    polled = moment_column("last_polled_at", gettext_lazy("last asked"))

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"fields": (*OWN, *POLL)})

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        may_fill = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return SECTIONS if may_fill else [(None, {"fields": (*OWN, "fields", *POLL)})]

    def lead(self, row: WorkOrderFeed) -> list[SafeString]:
        return [self.state_badge(row), self.explained(row)]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: WorkOrderFeed) -> SafeString:
        if not row.polls:
            return badge(_("by webhooks"), "quiet")
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: WorkOrderFeed) -> SafeString:
        return sentence(row.note or _("Not asked yet."))

    @page_action(gettext_lazy("Ask now"), right="rerun", shown=lambda row: row.polls)
    def poll_now(self, request: HttpRequest, row: WorkOrderFeed) -> str:
        WorkOrderFeed.objects.filter(pk=row.pk).want(now=clock.now())
        wake(work.task_of(WorkOrderFeed))
        return _("It is asked for what changed now.")
