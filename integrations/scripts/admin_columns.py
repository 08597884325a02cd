"""How scripts and runs are shown in their lists and on their pages."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.core import clock, subjects
from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin
from integrations.core.badges import Text, badge, moment, pretty_json, sentence, state_badge
from integrations.scripts import words
from integrations.scripts.models import RunState, Script, ScriptRun

DEFAULT_NOTES: dict[str, Text] = {
    "WAITING": gettext_lazy("Waits for its turn."),
    "DONE": gettext_lazy("Returned."),
    "SKIPPED": gettext_lazy("Nothing had to be done."),
    "FAILED": gettext_lazy("It failed for good."),
}


class ScriptColumns(HistoryAdmin):
    @admin.display(description=gettext_lazy("state"), ordering="enabled")
    def state(self, row: Script) -> SafeString:
        return words.state(row)

    @admin.display(description=gettext_lazy("runs"))
    def runs_when(self, row: Script) -> SafeString:
        return sentence(words.triggers(row))

    @admin.display(description=gettext_lazy("published"))
    def published(self, row: Script) -> str:
        return str(row.active_version or "–")

    @admin.display(description=gettext_lazy("last run"))
    def last_run(self, row: Any) -> SafeString:
        if row.last_run_pk is None:
            return SafeString("–")
        url = reverse("admin:scripts_scriptrun_change", args=[row.last_run_pk])
        shown = state_badge(row.last_run_state, RunState(row.last_run_state).label)
        return format_html('{} <a href="{}">{}</a>', shown, url, moment(row.last_run_at))

    @admin.display(description=gettext_lazy("failed in 24 h"))
    def failed_lately(self, row: Any) -> Any:
        url = reverse("admin:scripts_scriptrun_changelist")
        query = f"?script__id__exact={row.pk}&state__exact={RunState.FAILED}"
        return format_html('<a href="{}{}">{}</a>', url, query, row.failures) if row.failures else 0

    @admin.display(description=gettext_lazy("next runs"))
    def next_runs(self, row: Script) -> Any:
        return words.next_times(row, after=clock.now())

    @admin.display(description=gettext_lazy("settings"))
    def settings_shown(self, row: Script) -> SafeString:
        return pretty_json(row.settings)

    @admin.display(description=gettext_lazy("secrets"))
    def secrets_shown(self, row: Script) -> str:
        return ", ".join(sorted(row.secrets or {})) or "–"


class RunColumns(ReadOnlyAdmin):
    """How a run is shown in lists and on its page."""

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: ScriptRun) -> SafeString:
        if row.state == RunState.WAITING and row.lane.state == "RUNNING" and row.started_at and not row.ended_at:
            return badge(_("running"), "busy")
        return state_badge(row.state, row.get_state_display())

    @admin.display(description=gettext_lazy("what happened"))
    def explained(self, row: ScriptRun) -> SafeString:
        return sentence(row.note or DEFAULT_NOTES[row.state])

    @admin.display(description=gettext_lazy("script"), ordering="script__name")
    def called(self, row: ScriptRun) -> SafeString:
        version = f"version {row.version.number}" if row.version else _("no version yet")
        return format_html('<span class="record">{}</span><span class="quiet">{}</span>', row.script.name, version)

    @admin.display(description=gettext_lazy("because of"), ordering="trigger")
    def because(self, row: ScriptRun) -> str:
        if row.collected > 1:
            return ngettext("%d event", "%d events", row.collected) % row.collected
        return " ".join(filter(None, [row.event_type or row.get_trigger_display(), _by(row)]))

    @admin.display(description=gettext_lazy("work order"), ordering="subject")
    def belongs_to(self, row: ScriptRun) -> SafeString:
        return subjects.link_of(row)

    @admin.display(description=gettext_lazy("took"), ordering="wall_seconds")
    def took(self, row: ScriptRun) -> str:
        return "–" if row.wall_seconds is None else f"{row.wall_seconds:.2f}\N{NO-BREAK SPACE}s"


def _by(row: ScriptRun) -> str:
    return _("(asked for by {name})").format(name=row.asked_by) if row.asked_by else ""
