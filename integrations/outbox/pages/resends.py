"""Sending a time range again: the page that says what it means, and how far each has come."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.core.admin import WorkAdmin, has_ended, moment_column
from integrations.core.badges import facts, moment, progress_bar
from integrations.core.page_actions import page_action
from integrations.core.work import WorkState
from integrations.outbox.forms import RangeForm
from integrations.outbox.models import DeliveryState, Resend
from integrations.outbox.services import resending

RIGHT = "outbox.rerun_delivery"
ASKED_BACK = timedelta(days=1)


def may_stop(row: Resend) -> bool:
    return not has_ended(row) and not row.stopped_by


@admin.register(Resend)
class ResendAdmin(WorkAdmin):
    heading = gettext_lazy("Resends")
    intro = gettext_lazy("Deliveries that were asked for again: queued in portions, in their order.")
    empty_hint = gettext_lazy("“Send a time range again” on the page Deliveries asks for the first.")
    change_form_template = "outbox/resend.html"
    list_display = ("__str__", "state_badge", "explained", "progress", "destination", "asked_by", "asked")
    list_filter = ("state", "destination")
    list_select_related = ("destination",)
    list_defer = ("delivery_ids", "destination__secrets", "destination__headers")
    actions = ()
    page_actions = ("stop",)
    fields = ()
    asked = moment_column("created_at", gettext_lazy("asked"))

    def get_urls(self) -> list[URLPattern]:
        return [path("ask/", self.admin_site.admin_view(self.ask_view), name="outbox_resend_ask"), *super().get_urls()]

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a range, say what it means, and let a worker do it."""
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        given = request.POST if request.method == "POST" else request.GET
        form = RangeForm(given if "start" in given else None, initial=_initial(request))
        meant = _meant(form, by=request.user.get_username()) if form.is_valid() else None
        if request.method == "POST" and meant:
            resending.start(meant)
            self.message_user(request, _("A worker has begun. This page shows how far it has come."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:outbox_resend_change", args=[meant.pk]))
        context = self.admin_site.each_context(request) | _shown(form, meant)
        return TemplateResponse(request, "outbox/resend_ask.html", context)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: Resend) -> SafeString:
        return progress_bar(done=row.looked_at, total=row.total, ended=row.state == WorkState.DONE)

    def facts(self, row: Resend) -> SafeString:
        pairs = [
            (_("Made from"), moment(row.start)),
            (_("until before"), moment(row.end)),
            (_("Destination"), row.destination or _("all destinations")),
            (_("Which"), _("all that have ended") if row.everything else _("not delivered")),
            (_("Queued again"), row.resent),
            (_("Asked by"), row.asked_by),
            (_("Asked"), moment(row.created_at)),
        ]
        return facts(pairs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs["obj"]
        context |= {"progress": self.progress(row), "live": not has_ended(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Stop"), right=RIGHT, tone="plain", shown=may_stop)
    def stop(self, request: HttpRequest, row: Resend) -> str:
        resending.stop(row, by=request.user.get_username())
        return _("It stops after the portion at hand. What was queued stays queued.")


def _initial(request: HttpRequest) -> dict[str, Any]:
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return {"start": now - ASKED_BACK, "end": now, "which": "dead", "destination": request.GET.get("destination")}


def _meant(form: RangeForm, *, by: str) -> Resend:
    """Return the resend that is meant, not saved."""
    values = form.cleaned_data
    to = values["destination"]
    return Resend(
        workspace=to.workspace if to else Workspace.default(),
        destination=to,
        start=values["start"],
        end=values["end"],
        everything=values["which"] == "all",
        asked_by=by,
    )


def _shown(form: RangeForm, meant: Resend | None) -> dict[str, Any]:
    title = _("Send a time range again")
    shown = {"title": title, "form": form, "zone": timezone.get_current_timezone_name()}
    if meant is None:
        return shown
    counts = resending.counts_of(meant)
    named = [(count, DeliveryState(state).label) for state, count in counts.items()]
    return shown | {"meant": meant, "total": sum(counts.values()), "counts": named, "most": resending.WAITING_MAX}
