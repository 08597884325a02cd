"""Replays of a time range in the admin: how far each has come, and the page that asks for one."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import clock
from integrations.core.admin import MomentInput, WorkAdmin, has_ended, moment_column
from integrations.core.badges import facts, moment, progress_bar
from integrations.core.page_actions import page_action
from integrations.core.work import WorkState
from integrations.inbox import replays
from integrations.inbox.models import Replay, WebhookSource

RIGHT = "inbox.rerun_receivedwebhook"
ASKED_BACK = timedelta(days=1)
FAILED, ALL = "failed", "all"


class RangeForm(forms.Form):
    """Which webhooks are meant."""

    start = forms.DateTimeField(label=gettext_lazy("Received from"), widget=MomentInput)
    end = forms.DateTimeField(label=gettext_lazy("until before"), widget=MomentInput)
    source = forms.ModelChoiceField(
        WebhookSource.objects.defer("secrets", "token").order_by("name"),
        label=gettext_lazy("Source"),
        required=False,
        empty_label=gettext_lazy("all sources"),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("Which"),
        choices=[(FAILED, gettext_lazy("failed ones only")), (ALL, gettext_lazy("all that have ended"))],
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") and values.get("end") and values["start"] >= values["end"]:
            self.add_error("end", _("The end must be after the start."))
        return values

    def replay(self, *, by: str) -> Replay:
        """Return the replay that is meant, not saved."""
        values = self.cleaned_data
        of_range = {name: values[name] for name in ("start", "end", "source")}
        return Replay(**of_range, only_failed=values["which"] == FAILED, asked_by=by)


def may_stop(row: Replay) -> bool:
    return not has_ended(row) and not row.stopped_by


def may_go_on(row: Replay) -> bool:
    return row.state in (WorkState.SKIPPED, WorkState.FAILED)


@admin.register(Replay)
class ReplayAdmin(WorkAdmin):
    heading = gettext_lazy("Replays")
    intro = gettext_lazy("Time ranges whose webhooks are processed again, in portions, the oldest first.")
    empty_hint = gettext_lazy("“Replay a time range” on the page Received asks for the first.")
    change_form_template = "inbox/replay.html"
    list_display = ("__str__", "state_badge", "explained", "progress", "asked_by", "asked")
    list_filter = ("state", "source")
    list_select_related = ("source",)
    list_defer = ("source__secrets", "source__token", "source__verification_options")
    actions = ()
    page_actions = ("stop", "go_on")
    fields = ()
    asked = moment_column("created_at", gettext_lazy("asked"))

    def get_urls(self) -> list[URLPattern]:
        return [path("ask/", self.admin_site.admin_view(self.ask_view), name="inbox_replay_ask"), *super().get_urls()]

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a range, say what it means, and let a worker do it."""
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        given = request.POST if request.method == "POST" else request.GET
        form = RangeForm(given if "start" in given else None, initial=_initial())
        meant = form.replay(by=request.user.get_username()) if form.is_valid() else None
        if request.method == "POST" and meant:
            replays.start(meant)
            self.message_user(request, _("A worker has begun. This page shows how far it has come."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:inbox_replay_change", args=[meant.pk]))
        context = self.admin_site.each_context(request) | _shown(form, meant)
        return TemplateResponse(request, "inbox/replay_ask.html", context)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: Replay) -> SafeString:
        return progress_bar(done=row.looked_at, total=row.total, ended=row.state == WorkState.DONE)

    def facts(self, row: Replay) -> SafeString:
        pairs = [
            (_("Received from"), moment(row.start)),
            (_("until before"), moment(row.end)),
            (_("Source"), row.source or _("all sources")),
            (_("Which"), _("failed ones only") if row.only_failed else _("all that have ended")),
            (_("Asked by"), row.asked_by),
            (_("Asked"), moment(row.created_at)),
        ]
        return facts(pairs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs["obj"]
        context |= {"progress": self.progress(row), "live": not has_ended(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Stop"), right=RIGHT, tone="plain", shown=may_stop)
    def stop(self, request: HttpRequest, row: Replay) -> str:
        replays.stop(row, by=request.user.get_username())
        return _("It stops after the portion at hand. What was replayed stays replayed.")

    @page_action(gettext_lazy("Go on"), right=RIGHT, shown=may_go_on)
    def go_on(self, request: HttpRequest, row: Replay) -> str:
        replays.go_on(row)
        return _("It goes on where it stopped.")


def _initial() -> dict[str, Any]:
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    return {"start": now - ASKED_BACK, "end": now, "which": FAILED}


def _shown(form: RangeForm, meant: Replay | None) -> dict[str, Any]:
    shown = {"title": _("Replay a time range"), "form": form, "zone": timezone.get_current_timezone_name()}
    if meant is None:
        return shown
    counts = replays.counts_of(meant)
    named = [(count, WorkState(state).label) for state, count in counts.items()]
    return shown | {"meant": meant, "total": sum(counts.values()), "counts": named, "most": replays.WAITING_MAX}
