"""Imports in the admin: when they run, how far each has come, and the page that asks for a period."""

from typing import Any, ClassVar

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

from integrations.connections.admin import SECRETS, connection_column
from integrations.connections.models import Connection
from integrations.core import cron
from integrations.core.admin import HistoryAdmin, MomentInput, WorkAdmin, has_ended, moment_column
from integrations.core.badges import facts, moment, progress_bar
from integrations.core.page_actions import Link, page_action
from integrations.core.work import WorkState
from integrations.platforms.worklink import asking
from integrations.platforms.worklink.models import ImportJob, ImportSchedule, What
from integrations.platforms.worklink.options import SLUG

RIGHT = "worklink.rerun_importjob"
BOTH = ""


class PeriodForm(forms.Form):
    """Which objects are meant, by when they started."""

    connection = forms.ModelChoiceField(
        Connection.objects.filter(platform=SLUG).only("name", "slug").order_by("name"),
        label=gettext_lazy("Connection"),
        empty_label=None,
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[(BOTH, gettext_lazy("sessions and calls")), *What.choices],
        required=False,
    )
    since = forms.DateTimeField(label=gettext_lazy("Started from"), widget=MomentInput, required=False)
    until = forms.DateTimeField(label=gettext_lazy("until before"), widget=MomentInput, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("since") and values.get("until") and values["since"] >= values["until"]:
            self.add_error("until", _("The end must be after the start."))
        return values

    def jobs(self, *, by: str) -> list[ImportJob]:
        """Return the imports that are meant, not saved."""
        values = self.cleaned_data
        period = {"since": values["since"], "since_persistent": values["since"], "until": values["until"]}
        kinds = [values["what"]] if values["what"] else What.values
        return [ImportJob(connection=values["connection"], resource_type=kind, asked_by=by, **period) for kind in kinds]


def may_stop(row: ImportJob) -> bool:
    return not has_ended(row) and not row.stopped_by


def may_go_on(row: ImportJob) -> bool:
    return row.state in (WorkState.SKIPPED, WorkState.FAILED)


@admin.register(ImportJob)
class ImportJobAdmin(WorkAdmin):
    heading = gettext_lazy("Imports")
    intro = gettext_lazy("Sessions and calls read whole from the CMS, page by page, by the clock or for a period.")
    empty_hint = gettext_lazy("“Import a period” asks for the first; a schedule asks for one each night.")
    change_form_template = "worklink/import.html"
    list_display = ("__str__", "connection_shown", "state_badge", "explained", "progress", "asker", "asked")
    list_filter: ClassVar[Any] = ("state", "connection", "resource_type", "scheduled")
    list_select_related = ("connection",)
    list_defer = SECRETS
    actions = ()
    page_actions = ("stop", "go_on", "run_again")
    fields = ()
    connection_shown = connection_column
    asked = moment_column("created_at", gettext_lazy("asked"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ask_view)
        return [path("ask/", view, name="worklink_import_ask"), *super().get_urls()]

    def list_links(self, request: HttpRequest) -> list[Link]:
        links = [Link(_("Import a period"), reverse("admin:worklink_import_ask"))] if self.may_ask(request) else []
        if request.user.has_perm("worklink.view_importschedule"):
            links.append(Link(_("Schedules"), reverse("admin:worklink_importschedule_changelist")))
        return links

    def may_ask(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RIGHT)

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a period, and let a worker import it."""
        if not self.may_ask(request):
            raise PermissionDenied
        form = PeriodForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            jobs = form.jobs(by=request.user.get_username())
            for job in jobs:
                asking.start(job)
            self.message_user(request, _("A worker has begun. This page shows how far it has come."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:worklink_importjob_change", args=[jobs[0].pk]))
        shown = {"title": _("Import a period"), "form": form, "zone": timezone.get_current_timezone_name()}
        context = self.admin_site.each_context(request) | shown
        return TemplateResponse(request, "worklink/import_ask.html", context)

    @admin.display(description=gettext_lazy("asked by"), ordering="asked_by")
    def asker(self, row: ImportJob) -> str:
        return row.asked_by or _("the schedule")

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: ImportJob) -> SafeString:
        expected = round(row.listed / row.share) if row.share else row.total or 0
        return progress_bar(done=row.listed, total=expected, ended=row.state == WorkState.DONE)

    def facts(self, row: ImportJob) -> SafeString:
        return facts(
            [
                (_("Connection"), row.connection.name),
                (_("What"), row.get_resource_type_display()),
                (_("Started from"), moment(row.since) if row.since else _("the first there is")),
                (_("until before"), moment(row.until) if row.until else _("now")),
                (_("Asked by"), self.asker(row)),
                (_("Asked"), moment(row.created_at)),
            ]
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs["obj"]
        minutes = None if row.seconds_left is None or has_ended(row) else round(row.seconds_left / 60)
        context |= {"progress": self.progress(row), "live": not has_ended(row), "minutes": minutes}
        return super().render_change_form(request, context, *args, **kwargs)

    @page_action(gettext_lazy("Stop"), right=RIGHT, tone="plain", shown=may_stop)
    def stop(self, request: HttpRequest, row: ImportJob) -> str:
        asking.stop(row, by=request.user.get_username())
        return _("It stops after the page at hand. What was imported stays.")

    @page_action(gettext_lazy("Go on"), right=RIGHT, shown=may_go_on)
    def go_on(self, request: HttpRequest, row: ImportJob) -> str:
        asking.go_on(row)
        return _("It goes on where it stopped.")

    @page_action(gettext_lazy("Run again"), right=RIGHT, tone="plain", shown=has_ended)
    def run_again(self, request: HttpRequest, row: ImportJob) -> str:
        again = asking.run_again(row, by=request.user.get_username())
        return _("The same period is imported once more, as number {number}.").format(number=again.pk)


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # stubs make it generic, Django does not
    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = ImportSchedule(cron=values.get("cron", ""), time_zone=values.get("time_zone", ""))
        for field, problem in cron.schedule_problems(given.cron, given.time_zone):
            if field in values:
                self.add_error(field, problem)
        return values


@admin.register(ImportSchedule)
class ImportScheduleAdmin(HistoryAdmin):
    heading = gettext_lazy("Import schedules")
    intro = gettext_lazy(
        "When sessions and calls are imported: each run goes back to the one before it, and a week further "
        "(60 days for persistent sessions), since the CMS does not say what changed."
    )
    empty_hint = gettext_lazy("Add one for each WorkLink connection that analysts read from.")
    form = ScheduleForm
    list_display = ("connection_shown", "cron", "time_zone", "enabled", "next_run")
    list_select_related = ("connection",)
    list_defer = SECRETS
    ordering = ("connection__name",)
    fields = ("connection", "cron", "time_zone", "enabled")
    page_actions = ("run_now",)
    connection_shown = connection_column
    next_run = moment_column("next_at", gettext_lazy("next run"))

    @page_action(gettext_lazy("Run now"), right=RIGHT)
    def run_now(self, request: HttpRequest, row: ImportSchedule) -> str:
        jobs = asking.scheduled(row.connection)
        if not jobs:
            return _("An import by this schedule is at work already; see Imports.")
        return _("A worker has begun; see Imports.")
