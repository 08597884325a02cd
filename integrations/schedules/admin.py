from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.core import registries
from integrations.core.admin import HistoryAdmin, WorkAdmin, moment_column
from integrations.core.badges import Text
from integrations.schedules.models import RetentionRule, ScheduledJob


@admin.register(ScheduledJob)
class ScheduledJobAdmin(WorkAdmin):
    heading = _("Scheduled jobs")
    intro = _("Work that comes back by the clock. “Retry” runs a job now.")
    empty_hint = _("The scheduler fills this list when it starts. Is it running? See /readyz.")
    list_display = ("name", "state_badge", "explained", "next_run", "last_run", "last_seconds")
    ordering = ("name",)

    next_run = moment_column("due_at", _("next run"))
    last_run = moment_column("last_ran_at", _("last run"))


@admin.register(RetentionRule)
class RetentionRuleAdmin(HistoryAdmin):
    heading = _("Retention")
    intro = _("Rows older than this are deleted each night, oldest first. A change counts from the next run on.")
    empty_hint = _("The scheduler fills this list when it starts. Is it running? See /readyz.")
    list_display = ("what", "days")
    ordering = ("kind",)
    list_display_links = ("what",)
    readonly_fields = ("what",)
    fields = ("what", "days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("kind of row"), ordering="kind")
    def what(self, rule: RetentionRule) -> Text:
        labels: dict[str, Any] = {kept.kind: kept.label for kept in registries.retained_kinds()}
        label: Text = labels.get(rule.kind, rule.kind)
        return label
