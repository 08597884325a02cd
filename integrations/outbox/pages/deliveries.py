"""Deliveries in the admin: each with its attempts, and the button that sends it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock, subjects
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import Text, code, facts, moment, sentence, state_badge
from integrations.core.lists import batches
from integrations.core.page_actions import Link, page_action
from integrations.outbox import shown
from integrations.outbox.models import Delivery, DeliveryState
from integrations.outbox.models.deliveries import ENDED_STATES
from integrations.outbox.services import resending

MOST_ATTEMPTS = 50
NOTES: dict[str, Text] = {
    DeliveryState.WAITING: gettext_lazy("Waits for its turn."),
    DeliveryState.DELIVERED: gettext_lazy("The receiver took it."),
}


class Which(admin.SimpleListFilter):
    """Everything by default; what waits and what did not arrive are one click away."""

    title = gettext_lazy("which")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("open", _("waiting or retrying")), ("dead", _("dead letters")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "dead":
            return queryset.dead()
        return queryset.open() if self.value() == "open" else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Deliveries")
    intro = gettext_lazy("What was sent to whom, and what came of it. One row for each message and destination.")
    empty_hint = gettext_lazy("An event that an endpoint of the type webhook asks for makes the first one.")
    change_form_template = "outbox/delivery.html"
    list_display = ("what", "state_badge", "explained", "belongs_to", "destination", "attempts", "queued")
    list_filter = (Which, "state", "destination", "queued_at")
    list_select_related = ("message", "destination")
    list_defer = ("message__body", "destination__secrets", "destination__headers")
    grows = True
    search_fields = ("=message__uid", "=message__correlation_id")
    search_help_text = gettext_lazy("Work order, event id or correlation id")
    ordering = ("-pk",)
    actions = ("send_again",)
    page_actions = ("send_one_again",)
    fields = ("body_shown",)
    readonly_fields = fields
    has_subject = True
    queued = moment_column("queued_at", gettext_lazy("queued"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.annotate(subject=F("message__subject")).select_related("message", "destination")

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    @admin.display(description=gettext_lazy("message"))
    def what(self, row: Delivery) -> str:
        return f"{row.message.type} {row.message.uid}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Delivery) -> SafeString:
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: Delivery) -> SafeString:
        return sentence(row.note or NOTES.get(row.state, ""))

    @admin.display(description=gettext_lazy("work order"))
    def belongs_to(self, row: Delivery) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("body"))
    def body_shown(self, row: Delivery) -> SafeString:
        return code(row.message.body, label=_("Body"))

    def lead(self, row: Delivery) -> tuple[SafeString, SafeString]:
        return (self.state_badge(row), self.explained(row))

    def facts(self, row: Delivery) -> SafeString:
        url = reverse("admin:outbox_destination_change", args=[row.destination_id])
        to = format_html('<a href="{}">{}</a>', url, row.destination)
        pairs = [
            (_("Destination"), row.destination.name if row.destination.retired_at else to),
            (_("Type"), row.message.type),
            (_("Event id"), format_html("<code>{}</code>", row.message.uid)),
            (_("Work order"), self.belongs_to(row)),
            (_("Queued"), moment(row.queued_at)),
            (_("Ended"), moment(row.ended_at)),
            (_("Attempts"), row.attempts),
            (_("Next try"), moment(row.due_at if row.state == DeliveryState.RETRYING else None)),
            (_("Cursor"), row.message.cursor or "–"),
            (_("Correlation id"), row.message.correlation_id or "–"),
        ]
        return facts(pairs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        newest = kwargs["obj"].attempt_log.order_by("-pk")[:MOST_ATTEMPTS]
        context |= {"attempts": [shown.attempt(row) for row in newest]}
        return super().render_change_form(request, context, *args, **kwargs)

    def list_links(self, request: HttpRequest) -> list[Link]:
        url = reverse("admin:outbox_resend_ask")
        return [Link(_("Send a time range again"), url)] if self.has_rerun_permission(request) else []

    @admin.action(description=gettext_lazy("Send the selected ones again"), permissions=["rerun"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        pks = queryset.order_by("pk").values_list("pk", flat=True)
        self.message_user(request, self._resent(request, pks), messages.SUCCESS)

    @page_action(gettext_lazy("Send again"), right="rerun", shown=lambda row: row.state in ENDED_STATES)
    def send_one_again(self, request: HttpRequest, row: Delivery) -> str:
        return self._resent(request, [row.pk])

    def _resent(self, request: HttpRequest, pks: Any) -> str:
        by, rows = request.user.get_username(), Delivery.objects.all()
        count = sum(resending.resend(rows.filter(pk__in=batch), by=by, now=clock.now()) for batch in batches(pks))
        words = ngettext("%d delivery will be sent again.", "%d deliveries will be sent again.", count) % count
        return words if count else words + " " + _("Only ended ones can be, whose destination was not deleted.")
