"""The report's page, and how it is set up."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from integrations.analytics import pages, services
from integrations.analytics.forms import CalendarForm
from integrations.analytics.models import AssetClass, BusinessCalendar, MeasuredJob, ReportPolicy, ResolutionTarget
from integrations.analytics.pages import report
from integrations.core import clock
from integrations.core.admin import HistoryAdmin, ReadOnlyAdmin


@admin.register(MeasuredJob)
class MeasuredJobAdmin(ReadOnlyAdmin):
    """Its list is the report; the jobs behind it have a page of their own."""

    heading = _("Reports")
    order_fields = ("work_order", "calendar", "opened_at", "resolved_at", "priority", "site", "asset_class", "left_out")
    fields = (*order_fields, "seconds", "calls", "call_seconds", "first_call_at", "last_call_at")

    def get_urls(self) -> list[URLPattern]:
        return [*pages.urls(self), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return report.page(self, request)


class MeasuredAdmin(HistoryAdmin):
    """Rows by which jobs are measured: after a change all are measured anew."""

    list_select_related: ClassVar[Any] = ("workspace",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.recount(str(self.opts.verbose_name), now=clock.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        services.recount(str(self.opts.verbose_name), now=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        services.recount(str(self.opts.verbose_name), now=clock.now())


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(MeasuredAdmin):
    form = CalendarForm
    heading = _("Business calendars")
    intro = _("The hours of a service desk. The report can count these instead of the clock.")
    empty_hint = _("Without one the report counts by the clock. Add one for each service desk with hours of its own.")
    list_display = ("name", "zone", "week", "workspace")
    ordering = ("name", "pk")
    prepopulated_fields = {"slug": ("name",)}

    @admin.display(description=_("business hours"))
    def week(self, row: BusinessCalendar) -> str:
        return ", ".join(map(str, row.shifts))


@admin.register(AssetClass)
class AssetClassAdmin(MeasuredAdmin):
    heading = _("Asset classes")
    intro = _("Which class an asset is of, by what its text looks like. The report can be narrowed to a class.")
    empty_hint = _("Without one no asset has a class. Add a rule such as PUMP-* for all pumps.")
    list_display = ("pattern", "name", "position", "workspace")
    ordering = ("position", "pk")


@admin.register(ResolutionTarget)
class ResolutionTargetAdmin(HistoryAdmin):
    heading = _("Resolution targets")
    intro = _("How many hours a job of each priority may take. The report shows the share that kept to it.")
    empty_hint = _("Without targets the report shows no share within target. Add one for each priority.")
    list_display = ("priority", "hours", "workspace")
    list_select_related = ("workspace",)
    ordering = ("priority", "pk")


@admin.register(ReportPolicy)
class ReportPolicyAdmin(HistoryAdmin):
    heading = _("Report policies")
    intro = _("When a group has too few jobs for a figure, and by which hours the report counts at first.")
    empty_hint = _("Without one: no figures of fewer than ten jobs, by the clock.")
    list_display = ("workspace", "guard_rail", "fewest", "calendar")
    list_select_related = ("workspace", "calendar")
    ordering = ("workspace__name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        return ("workspace",) if obj else ()
