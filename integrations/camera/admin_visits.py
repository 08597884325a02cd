from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import Callback, ConnectorToken, Visit
from integrations.camera.protocol import targets
from integrations.camera.protocol.query import read_query
from integrations.core import subjects
from integrations.core.admin import ReadOnlyAdmin, moment_column
from integrations.core.badges import Text, badge, code, facts, moment, sentence
from integrations.core.page_actions import page_action

RIGHT = "camera.change_connectortoken"


def refused_entry(row: Visit) -> str:
    """Return what the token's list would have to hold for the callback that this visit asked for; "" if none would."""
    asked = read_query(row.query).callback
    judged = targets.judge(
        asked,
        default=row.token.default_callback,
        entries=row.token.callback_targets,
        any_https=row.token.any_https_callback,
    )
    return judged.entry if asked and isinstance(judged, targets.Refused) else ""


class Ending(admin.SimpleListFilter):
    """How visits ended."""

    title = gettext_lazy("end")
    parameter_name = "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("back", _("went back")), ("never", _("never came back")), ("open", _("still open")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "back":
            return queryset.filter(left_at__isnull=False)
        if self.value() == "never":
            return queryset.filter(left_at__isnull=True, abandoned_at__isnull=False)
        return queryset.filter(left_at__isnull=True, abandoned_at__isnull=True) if self.value() else queryset


class CallbackRefused(admin.SimpleListFilter):
    title = gettext_lazy("callback")
    parameter_name = "callback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("refused", _("not allowed")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.exclude(callback_refused="") if self.value() else queryset


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    heading = gettext_lazy("Visits")
    intro = gettext_lazy("Each arrival of a field app's user at the camera, and how they were sent back.")
    empty_hint = gettext_lazy("A field app that sends its user here makes the first one. A token's page has examples.")
    list_display = ("arrived", "ending", "explained", "order_link", "belongs_to", "who", "token")
    list_filter = (Ending, CallbackRefused, "scenario", "token", "arrived_at")
    list_select_related = ("token", "order", "item__group")
    list_defer = ("query", "secret_hash", "state", "callback", "token__token_hash", "order__metadata")
    search_fields = ("=technician", "=correlation_id", "order__name")
    search_help_text = gettext_lazy("Order's name, technician or correlation id")
    ordering = ("-pk",)
    page_actions = ("allow",)
    arrived = moment_column("arrived_at", gettext_lazy("arrived"))

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return []  # the page is its own

    def get_queryset(self, request: HttpRequest) -> Any:
        last = Callback.objects.filter(visit=OuterRef("pk")).order_by("-pk")
        return super().get_queryset(request).annotate(last_status=Subquery(last.values("status")[:1]))

    def lead(self, row: Visit) -> list[SafeString]:
        return [self.ending(row), self.explained(row)]

    @admin.display(description=gettext_lazy("end"))
    def ending(self, row: Visit) -> SafeString:
        if row.error:
            return badge(_("refused"), "bad")
        if row.left_at:
            return badge(_("went back"), "ok")
        return badge(_("never came back"), "wait") if row.abandoned_at else badge(_("open"), "busy")

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: Visit) -> SafeString:
        parts = [str(row.get_scenario_display())]
        parts += [row.item.group.name] if row.item else []
        parts += [_("{count} photos").format(count=row.photos)] if row.photos else []
        parts += [_("corrected")] if row.corrected else []
        parts += [told] if (told := getattr(row, "last_status", "")) else []
        parts += [row.error] if row.error else []
        parts += [row.callback_refused] if row.callback_refused else []
        return sentence(" · ".join(parts))

    @admin.display(description=gettext_lazy("order"), ordering="order__name")
    def order_link(self, row: Visit) -> SafeString:
        if row.order is None:
            return SafeString("–")
        url = reverse("admin:camera_fieldorder_change", args=[row.order.pk])
        return format_html('<a href="{}">{}</a>', url, row.order.name)

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: Visit) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("technician"), ordering="technician")
    def who(self, row: Visit) -> SafeString:
        return (
            format_html("{} {}", row.technician, badge(_("unverified"), "quiet")) if row.technician else SafeString("–")
        )

    def facts(self, row: Visit) -> SafeString:
        pairs: list[tuple[Text, Any]] = [
            (_("Order"), self.order_link(row)),
            (_("Work order"), self.belongs_to(row)),
            (_("Token"), row.token.name),
            (_("Technician"), self.who(row)),
            (_("Arrived"), moment(row.arrived_at)),
            (_("Last seen"), moment(row.seen_at)),
            (_("Left"), moment(row.left_at)),
            (_("Device"), row.device or "–"),
            (_("Language"), row.language or "–"),
            (_("Goes back to"), row.callback or "–"),
            (_("Path"), row.path or "–"),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        sent = code(row.query, label=_("Query as it came")) if row.query else SafeString("")
        return facts(pairs) + sent + self._ways_back(row)

    def _ways_back(self, row: Visit) -> SafeString:
        rows = [
            (moment(each.created_at), code(each.url, label=_("Callback {number}").format(number=each.pk)))
            for each in row.callbacks.order_by("-pk")[:20]
        ]
        return facts([(_("Callback"), format_html("{} {}", *pair)) for pair in rows])

    @page_action(
        gettext_lazy("Allow this callback"),
        right=RIGHT,
        shown=lambda row: bool(row.callback_refused and refused_entry(row)),
    )
    def allow(self, request: HttpRequest, row: Visit) -> str:
        entry, token = refused_entry(row), ConnectorToken.objects.get(pk=row.token_id)
        token.callback_targets = [*token.callback_targets, entry]
        token.save(update_fields=["callback_targets"])
        return _("{entry} is allowed for “{token}”: the next visit goes back there.").format(entry=entry, token=token)
