import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock
from integrations.core.admin import moment_column
from integrations.core.badges import Text, facts, moment, pretty_json
from integrations.core.page_actions import Link, page_action
from integrations.events.models import Event
from integrations.scripts import pages, services
from integrations.scripts.admin_columns import RunColumns
from integrations.scripts.models import RunState, ScriptCall, ScriptRun
from integrations.sync.models import RecordWrite

OF_SCRIPT = ("script__secrets", "script__settings", "script__settings_schema")
RUN_BLOBS = ("input", "logs", "result", "error", *OF_SCRIPT, "version__source")


def has_failed(row: ScriptRun) -> bool:
    return row.state == RunState.FAILED


def has_ended(row: ScriptRun) -> bool:
    return row.state != RunState.WAITING


def event_of(run: ScriptRun) -> Event | None:
    """Return the event of a run; None for one of the schedule, of several events, or of one that is not kept."""
    pks = [run.event_id] if run.event_id else list(run.batch.values_list("event_id", flat=True)[:2])
    return Event.objects.filter(pk=pks[0]).first() if len(pks) == 1 else None


def has_one_event(row: ScriptRun) -> bool:
    return event_of(row) is not None


def _line(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the log with its data as JSON and its time as a time."""
    data = line.get("data")
    shown = "" if data is None else json.dumps(data, ensure_ascii=False)
    return {**line, "data": shown, "at": parse_datetime(str(line.get("at", "")))}


def _of_call(call: ScriptCall) -> tuple[SafeString | str, SafeString | str]:
    """Return what was asked and the headers of the answer, where there are any."""
    headers = call.details.get("headers")
    return pretty_json(call.request) if call.request else "", pretty_json(headers) if headers else ""


@admin.register(ScriptRun)
class ScriptRunAdmin(RunColumns):
    heading = gettext_lazy("Runs")
    intro = gettext_lazy("Every run of a script, from its trigger to its outcome.")
    empty_hint = gettext_lazy("Publish a script; the next event of its types makes its first run.")
    change_form_template = "scripts/run.html"
    actions = ("replay", "retry")
    page_actions = ("replay_one", "retry_one", "run_now")
    list_display = ("called", "state_badge", "explained", "because", "belongs_to", "took", "created")
    list_filter = ("state", "script", "trigger", "event_type", "created_at")
    list_select_related = ("script", "version", "lane")
    list_defer = RUN_BLOBS
    grows = True
    search_fields = ("=correlation_id", "=source_id")
    search_help_text = gettext_lazy("Work order or external key, session id or correlation id")
    ordering = ("-pk",)
    created = moment_column("created_at", gettext_lazy("made"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.live_view)
        return [path("<int:pk>/live/", view, name="scripts_scriptrun_live"), *super().get_urls()]

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return []  # the page is its own

    def page_links(self, request: HttpRequest, row: ScriptRun) -> list[Link]:
        event = event_of(row) if self.has_right(request, "scripts.change_script") else None
        if event is None:
            return []
        return [Link(_("Try in the editor"), f"{pages.editor_url(row.script)}?event={event.pk}&reads=recorded")]

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the parts of a run's page that change while it runs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = ScriptRun.objects.select_related("script", "version", "lane").defer("input").filter(pk=pk).first()
        if row is None:
            raise Http404
        return TemplateResponse(request, "scripts/run_live.html", self.progress(row))

    def progress(self, row: ScriptRun) -> dict[str, Any]:
        """Return what the page shows of a run's progress."""
        calls = list(row.outgoing.all())
        own = Q(origin=f"scriptrun/{row.pk}") | Q(origin__startswith=f"scriptrun/{row.pk}.")
        writes = RecordWrite.objects.filter(own, ordinal__isnull=False).select_related("lane__connection")
        return {
            "original": row,
            "is_open": not has_ended(row),
            "lead": [self.state_badge(row), self.explained(row)],
            "facts_shown": self._facts(row),
            "logs": [_line(each) for each in row.logs],
            "calls": [(call, *_of_call(call)) for call in calls],
            "writes": writes.defer("content", "request", "answer", "read_back", "reply", "given").order_by("pk"),
            "result_shown": pretty_json(row.result, label=_("Result, as JSON")) if row.result is not None else "",
            "error_shown": pretty_json(row.error, label=_("Error, as JSON")) if row.error else "",
        }

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row:
            context |= self.progress(row)
            context |= {"input_shown": pretty_json(row.input, label=_("Input, as JSON")) if row.input else ""}
            context |= {"live_url": reverse("admin:scripts_scriptrun_live", args=[row.pk])}
        return super().render_change_form(request, context, *args, **kwargs)

    def lead(self, row: ScriptRun) -> list[SafeString]:
        return [self.state_badge(row), self.explained(row)]

    def _facts(self, row: ScriptRun) -> SafeString:
        script = format_html('<a href="{}">{}</a>', pages.editor_url(row.script), row.script)
        version = (
            format_html('<a href="{}">{}</a>', pages.version_url(row.version), row.version) if row.version else "–"
        )
        pairs: list[tuple[Text, Any]] = [
            (_("Script"), script),
            (_("Version"), version),
            (_("Because of"), self.because(row)),
            (_("Work order"), self.belongs_to(row)),
            (_("Happened"), moment(row.occurred_at)),
            (_("Tries"), row.attempts),
            (_("First tried"), moment(row.first_tried_at)),
            (_("Ended"), moment(row.ended_at)),
            (_("Next try"), moment(row.due_at if row.state == RunState.WAITING else None)),
            (_("Took"), self.took(row)),
            (_("Computed"), "–" if row.cpu_seconds is None else _("{s:.3f} s").format(s=row.cpu_seconds)),
            (_("Correlation id"), row.correlation_id or "–"),
        ]
        return facts(pairs)

    @admin.action(description=gettext_lazy("Replay, with the published version"), permissions=["rerun"])
    def replay(self, request: HttpRequest, queryset: "QuerySet[ScriptRun]") -> None:
        self._tell(request, services.replay, queryset)

    @admin.action(description=gettext_lazy("Retry failed ones, with the version they had"), permissions=["rerun"])
    def retry(self, request: HttpRequest, queryset: "QuerySet[ScriptRun]") -> None:
        self._tell(request, services.retry, queryset)

    def _tell(self, request: HttpRequest, ask: Any, rows: "QuerySet[ScriptRun]") -> None:
        chosen = ScriptRun.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
        count = ask(chosen, by=request.user.get_username(), now=clock.now())
        words = ngettext("%d run waits for a free worker.", "%d runs wait for a free worker.", count) % count
        self.message_user(request, words, messages.SUCCESS)

    @page_action(gettext_lazy("Replay"), right="rerun", shown=has_ended)
    def replay_one(self, request: HttpRequest, row: ScriptRun) -> str:
        services.replay(ScriptRun.objects.filter(pk=row.pk), by=request.user.get_username(), now=clock.now())
        return _("It runs again, with the published version and the facts as they are now. Nothing is written twice.")

    @page_action(gettext_lazy("Retry"), right="rerun", shown=has_failed)
    def retry_one(self, request: HttpRequest, row: ScriptRun) -> str:
        services.retry(ScriptRun.objects.filter(pk=row.pk), by=request.user.get_username(), now=clock.now())
        return _("It is tried again, with the version and the input that it had.")

    @page_action(gettext_lazy("Run on this event now"), right="rerun", tone="plain", shown=has_one_event)
    def run_now(self, request: HttpRequest, row: ScriptRun) -> str:
        event = event_of(row)
        if event is None or row.script.active_version_id is None:
            raise ValidationError(_("No version of this script is published, or the event is not kept any more."))
        run = services.run_on_event(row.script, event, by=request.user.get_username(), now=clock.now())
        return _("Run {number} waits for a free worker.").format(number=run.pk)
