from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import SECRETS, connection_column
from integrations.connections.models import Connection
from integrations.core import panels
from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin, WorkAdmin, moment_column
from integrations.core.badges import badge, facts, moment, sentence
from integrations.core.page_actions import page_action
from integrations.core.panels import Panel
from integrations.platforms.omni.forms import JoinRuleForm
from integrations.platforms.omni.models import JoinRule, Recognition, State, Subscription
from integrations.platforms.omni.options import SLUG

TONES = {State.LIVE: "good", State.REFUSED: "bad", State.AGAIN: "wait", State.CATCHING_UP: "wait"}


def state_shown(row: Subscription) -> SafeString:
    return badge(row.get_state_display(), TONES.get(State(row.state), "plain"))


def has_endpoint(row: Subscription) -> bool:
    return bool(row.endpoint_id)


def _conditions(row: Subscription) -> str:
    return ", ".join(f"{name}: {len(values)}" for name, values in row.told.items()) or "–"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Recognition subscriptions")
    intro = gettext_lazy("How each OMNI Platform is followed: its endpoint and filter there, and how far it was read.")
    empty_hint = gettext_lazy("Add a connection with the platform 3DiVi OMNI Platform; its row appears within seconds.")
    list_display = ("connection_shown", "state_shown", "explained", "heard", "read")
    list_filter = ("state",)
    list_select_related = ("connection",)
    list_defer = SECRETS
    ordering = ("connection__name",)
    page_actions = ("connect_again", "remove_there")
    connection_shown = connection_column
    heard = moment_column("last_event_at", gettext_lazy("last event"))
    read = moment_column("backfilled_at", gettext_lazy("last read again"))

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return []

    def lead(self, row: Any) -> Sequence[SafeString]:
        return (state_shown(row), sentence(row.note))

    def facts(self, row: Any) -> SafeString:
        return facts(
            [
                (_("connection"), row.connection.name),
                (_("endpoint there"), row.endpoint_id or "–"),
                (_("filter there"), row.filter_id or "–"),
                (_("conditions of the filter"), _conditions(row)),
                (_("websockets of release"), row.form or "–"),
                (_("events received"), row.received),
                (_("events found by reading again"), row.found_later),
                (_("last event"), moment(row.last_event_at)),
                (_("read up to"), moment(row.covered_until)),
                (_("last read again"), moment(row.backfilled_at)),
                (_("last look through 24 hours"), moment(row.swept_at)),
                (_("directory"), row.directory_note or "–"),
                (_("followed until, unless renewed"), moment(row.held_until)),
            ]
        )

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, row: Any) -> SafeString:
        return state_shown(row)

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: Any) -> SafeString:
        return sentence(row.note)

    @page_action(gettext_lazy("Connect again"), right="rerun")
    def connect_again(self, request: HttpRequest, row: Any) -> str:
        Subscription.objects.filter(pk=row.pk).update(again=True)
        return _("It connects again within ten seconds.")

    @page_action(gettext_lazy("Remove there, and pause"), right="rerun", tone="danger", shown=has_endpoint)
    def remove_there(self, request: HttpRequest, row: Any) -> str:
        Subscription.objects.filter(pk=row.pk).update(removing=True)
        return _("The socket is closed, endpoint and filter are deleted there, and the connection is paused.")


@admin.register(JoinRule)
class JoinRuleAdmin(HistoryAdmin):
    heading = gettext_lazy("Recognition rules")
    intro = gettext_lazy("Which recognitions join a work order. Without a rule none does.")
    empty_hint = gettext_lazy("Add one that names cameras and the asset or site of the work orders they belong to.")
    form = JoinRuleForm
    list_display = ("name", "enabled", "meant", "window", "minutes_around")
    list_filter = ("enabled", "window")
    search_fields = ("name", "asset", "site")
    ordering = ("name",)

    @admin.display(description=gettext_lazy("joins"))
    def meant(self, row: Any) -> str:
        named = [each for each in (row.asset, row.site) if each]
        return _("%(count)d cameras to %(named)s") % {"count": len(row.cameras), "named": ", ".join(named)}


@admin.register(Recognition)
class RecognitionAdmin(WorkAdmin):
    heading = gettext_lazy("Recognitions")
    intro = gettext_lazy("Events of cameras that a rule concerns, and the work order that each was joined to.")
    empty_hint = gettext_lazy("The first event of a camera that a recognition rule names brings one.")
    list_display = ("__str__", "rule_name", "state_badge", "explained", "belongs_to", "due")
    list_filter = ("state", "rule_name")
    list_select_related = ("event",)
    list_defer = ("event__payload",)
    search_fields = ("=event__uuid", "rule_name")
    search_help_text = gettext_lazy("Id of the event, or name of the rule")
    fields = ("rule_name", "event_shown", "attempts", "created_at", "finished_at")
    readonly_fields = ("event_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("event")

    @admin.display(description=gettext_lazy("event"))
    def event_shown(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("admin:events_event_change", args=[row.event_id]), row)


def _panel(row: Connection) -> Panel | None:
    subscription = Subscription.objects.filter(connection=row).first() if row.platform == SLUG else None
    if subscription is None:
        return None
    rows = [
        (_("state"), state_shown(subscription)),
        (_("what happened"), subscription.note or "–"),
        (_("last event"), moment(subscription.last_event_at)),
    ]
    url = reverse("admin:omni_subscription_change", args=[subscription.pk])
    return Panel(title=_("Recognition events"), rows=rows, link=_("Open the subscription"), url=url)


panels.register("connections.Connection", _panel)
