from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.connections.admin import SECRETS, connection_column
from integrations.core import clock
from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin, WorkAdmin, has_ended, moment_column
from integrations.core.badges import badge, facts, moment
from integrations.core.lists import batches
from integrations.core.page_actions import Link, page_action
from integrations.inbox import replay_admin, services, shown
from integrations.inbox.forms import FIELDS, INPUTS, SourceForm
from integrations.inbox.models import (
    QuarantinedWebhook,
    ReceivedWebhook,
    ResourceRefresh,
    Verification,
    WebhookRelay,
    WebhookSource,
)

__all__ = ["replay_admin"]  # it registers its own list

OF_SOURCE = ("source__secrets", "source__token", "source__verification_options")


@admin.register(WebhookSource)
class WebhookSourceAdmin(HistoryAdmin):
    heading = gettext_lazy("Sources")
    intro = gettext_lazy("One address each, to which a platform sends its webhooks, and how they prove their origin.")
    empty_hint = gettext_lazy("Add one, and give its address to the platform.")
    form = SourceForm
    list_display = ("name", "connection_shown", "proof", "last_received", "state")
    list_filter = ("connection", "verification", "enabled")
    list_select_related = ("connection",)
    list_defer = ("secrets", *SECRETS)
    search_fields = ("name", "connection__name")
    ordering = ("name",)
    readonly_fields = ("address_shown",)
    connection_shown = connection_column

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookSource]:
        received = ReceivedWebhook.objects.filter(source=OuterRef("pk")).order_by("-pk")
        rows: QuerySet[WebhookSource] = super().get_queryset(request)
        return rows.annotate(last_received_at=received.values("received_at")[:1])

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"fields": FIELDS})

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        first = ("connection", "name", "enabled", *(("address_shown",) if obj else ()))
        fills = self.has_change_permission(request, obj)
        proof = (*INPUTS, "secret", "second_secret") if fills else ()
        return [
            (None, {"fields": first}),
            (_("Proof of origin"), {"fields": ("verification", *proof)}),
            (_("Limits and passing on"), {"fields": ("max_bytes", "relay_url"), "classes": ("collapse",)}),
        ]

    @admin.display(description=gettext_lazy("proof of origin"), ordering="verification")
    def proof(self, row: WebhookSource) -> SafeString:
        tone = "wait" if row.verification == Verification.ADDRESS else "ok"
        return badge(row.get_verification_display(), tone)

    @admin.display(description=gettext_lazy("state"), ordering="enabled")
    def state(self, row: WebhookSource) -> SafeString:
        return badge(_("open"), "ok") if row.enabled else badge(_("switched off"), "quiet")

    @admin.display(description=gettext_lazy("last received"))
    def last_received(self, row: Any) -> SafeString:
        return moment(row.last_received_at) if row.last_received_at else badge(_("nothing yet"), "quiet")

    @admin.display(description=gettext_lazy("address"))
    def address_shown(self, row: WebhookSource) -> SafeString:
        markup = (
            '<span class="copyable"><code id="address">{}</code> '
            '<button type="button" class="button" data-copy="address" data-copied="{}">{}</button></span>'
        )
        return format_html(markup, row.address, _("Copied"), _("Copy"))


@admin.register(ReceivedWebhook)
class ReceivedWebhookAdmin(WorkAdmin):
    heading = gettext_lazy("Received")
    intro = gettext_lazy("Every webhook that passed the door, as it came. A 2xx to the sender means: it is here.")
    empty_hint = gettext_lazy("Give a source's address to the platform; what it sends appears here at once.")
    list_display = ("__str__", "state_badge", "explained", "belongs_to", "source", "received")
    list_filter = ("state", "source", "received_at", "resource_type")
    list_select_related = ("source",)
    list_defer = ("body", "headers", *OF_SOURCE)
    grows = True
    search_fields = ("=resource_id", "=delivery_key", "=correlation_id")
    search_help_text = gettext_lazy("Work order, session id, delivery id or correlation id")
    actions = ("replay",)
    page_actions = ("replay_one",)
    fields = ("headers_shown", "body_shown")
    readonly_fields = fields
    received = moment_column("received_at", gettext_lazy("received"))

    @admin.action(
        description=gettext_lazy("Replay: process again, publish even if nothing changed"), permissions=["rerun"]
    )
    def replay(self, request: HttpRequest, queryset: QuerySet[ReceivedWebhook]) -> None:
        count = self.replay_rows(queryset.values_list("pk", flat=True))
        self.message_user(request, will_be_replayed(count), messages.SUCCESS)

    @page_action(gettext_lazy("Replay"), right="rerun", shown=lambda row: has_ended(row) and not row.body_deleted)
    def replay_one(self, request: HttpRequest, row: ReceivedWebhook) -> str:
        return will_be_replayed(self.replay_rows([row.pk]))

    def replay_rows(self, pks: Any) -> int:
        rows = ReceivedWebhook.objects.all()
        return sum(services.replay(rows.filter(pk__in=batch), now=clock.now()) for batch in batches(pks))

    def list_links(self, request: HttpRequest) -> list[Link]:
        url = reverse("admin:inbox_replay_ask")
        return [Link(_("Replay a time range"), url)] if self.has_rerun_permission(request) else []

    def facts(self, row: ReceivedWebhook) -> SafeString:
        pairs = [
            (_("Source"), row.source),
            (_("Received"), moment(row.received_at)),
            (_("Work order"), self.belongs_to(row)),
            (_("Resource"), f"{row.resource_type} {row.resource_id}".strip() or "–"),
            (_("What happened"), row.verb or "–"),
            (_("Size"), _("{bytes} bytes").format(bytes=row.body_size)),
            (_("Replayed"), row.replays),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        return facts(pairs)

    @admin.display(description=gettext_lazy("headers"))
    def headers_shown(self, row: ReceivedWebhook) -> SafeString:
        return shown.headers(row.headers, also=row.source.verification_options.get("header", ""))

    @admin.display(description=gettext_lazy("body"))
    def body_shown(self, row: ReceivedWebhook) -> Any:
        return _("Deleted by the retention rule.") if row.body_deleted else shown.body(row.body)


def will_be_replayed(count: int) -> str:
    words = ngettext("%d webhook will be processed again.", "%d webhooks will be processed again.", count) % count
    return words + ("" if count else " " + _("Only ended ones whose body is still kept can be."))


@admin.register(QuarantinedWebhook)
class QuarantinedWebhookAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Quarantine")
    intro = gettext_lazy("Requests that did not prove where they came from: the newest few, never processed.")
    empty_hint = gettext_lazy("Nothing was refused. A wrong signature, token or password would bring a request here.")
    list_display = ("reason", "source", "received")
    list_filter = ("source", "received_at")
    list_select_related = ("source",)
    list_defer = ("body", "headers", *OF_SOURCE)
    ordering = ("-pk",)
    fields = ("reason", "source", "received_at", "headers_shown", "body_shown")
    readonly_fields = ("headers_shown", "body_shown")
    received = moment_column("received_at", gettext_lazy("received"))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_right(request, "delete")

    @admin.display(description=gettext_lazy("headers"))
    def headers_shown(self, row: QuarantinedWebhook) -> SafeString:
        return shown.headers(row.headers, also=row.source.verification_options.get("header", ""))

    @admin.display(description=gettext_lazy("body"))
    def body_shown(self, row: QuarantinedWebhook) -> SafeString:
        return shown.body(row.body)


@admin.register(ResourceRefresh)
class ResourceRefreshAdmin(WorkAdmin):
    heading = gettext_lazy("Resource reads")
    intro = gettext_lazy("Each resource that was named by a webhook or found by the reconciler, and its last read.")
    empty_hint = gettext_lazy("A webhook that names a session or a call makes the first row.")
    list_display = ("__str__", "state_badge", "explained", "belongs_to", "connection_shown", "fetched")
    list_filter = ("state", "connection", "resource_type")
    list_select_related = ("connection",)
    list_defer = SECRETS
    grows = True
    search_fields = ("=resource_id", "=correlation_id")
    search_help_text = gettext_lazy("Work order, session id or correlation id")
    connection_shown = connection_column
    fetched = moment_column("fetched_at", gettext_lazy("last read"))


@admin.register(WebhookRelay)
class WebhookRelayAdmin(WorkAdmin):
    heading = gettext_lazy("Relayed webhooks")
    intro = gettext_lazy("Requests passed on byte for byte to an older receiver.")
    empty_hint = gettext_lazy("Set “Pass on to” on a source, and what it receives is passed on from then on.")
    list_display = ("__str__", "state_badge", "explained", "answer_status", "due", "attempts")
    list_filter = ("state", "answer_status")
