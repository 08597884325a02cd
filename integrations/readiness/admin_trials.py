from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.connections.admin import named
from integrations.core import clock
from integrations.core.admin import WorkAdmin, moment_column
from integrations.core.badges import badge, facts, pretty_json
from integrations.core.page_actions import page_action
from integrations.readiness import trials
from integrations.readiness.choices import Stage
from integrations.readiness.models import FieldTrial

STAGE_TONES = {Stage.RESTORED: "ok", Stage.UNTOUCHED: "quiet", Stage.ASKED: "busy"}


@admin.register(FieldTrial)
class FieldTrialAdmin(WorkAdmin):
    heading = gettext_lazy("Trials of fields")
    intro = gettext_lazy("A field that was written, read back and restored on a record that somebody named.")
    empty_hint = gettext_lazy("Open a questionnaire and press “Try a field”.")
    change_form_template = "readiness/trial.html"
    list_display = ("target", "record_key", "stage_shown", "explained", "system", "created")
    list_filter = ("stage", "state")
    list_select_related = ("questionnaire__connection",)
    list_defer = ("steps", "way", "record", "questionnaire__document", "questionnaire__read_document")
    search_fields = ("=record_key", "=target")
    search_help_text = gettext_lazy("Record or field")
    page_actions = ("restore_now",)
    actions = ()
    created = moment_column("created_at", gettext_lazy("made"))

    @admin.display(description=gettext_lazy("record now"), ordering="stage")
    def stage_shown(self, row: FieldTrial) -> SafeString:
        return badge(row.get_stage_display(), STAGE_TONES.get(Stage(row.stage), "bad"))

    @admin.display(description=gettext_lazy("system"))
    def system(self, row: FieldTrial) -> SafeString:
        return named(row.questionnaire.connection)

    def lead(self, row: FieldTrial) -> list[SafeString]:
        return [self.stage_shown(row), self.state_badge(row), self.explained(row)]

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return self.has_right(request, "rerun")

    @page_action(gettext_lazy("Restore now"), right="rerun", tone="danger", shown=trials.may_be_restored)
    def restore_now(self, request: HttpRequest, row: FieldTrial) -> str:
        trials.restore(row, by=request.user.get_username(), now=clock.now())
        return _("The field is restored in a moment; look at this page again.")

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return []  # the page is its own

    def facts(self, row: FieldTrial) -> SafeString:
        return facts(
            [
                (_("System"), named(row.questionnaire.connection)),
                (_("Record"), row.record_key),
                (_("Field"), row.target),
                (_("Before"), "–" if row.before is None else str(row.before)),
                (_("Written"), str(row.value)),
                (_("Found"), row.get_finding_display() or "–"),
                (_("Asked for by"), row.asked_by),
            ]
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            context |= {"steps": [_step(each, number) for number, each in enumerate(row.steps, start=1)]}
        return super().render_change_form(request, context, *args, **kwargs)


STEP_NAMES = {
    "look-up": gettext_lazy("Look the record up"),
    "before": gettext_lazy("Read the field"),
    "write": gettext_lazy("Write it"),
    "read back": gettext_lazy("Read it back"),
    "restore": gettext_lazy("Restore it"),
    "read the restored": gettext_lazy("Read what was restored"),
}


def _step(step: dict[str, Any], number: int) -> dict[str, Any]:
    shown = step | {"title": STEP_NAMES.get(step["name"], step["name"])}
    shown["request_shown"] = (
        pretty_json(step["request"], label=_("Sent, {number}").format(number=number)) if step.get("request") else ""
    )
    return shown
