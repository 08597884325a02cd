"""What of the report an admin configures: calendars, targets, classes of assets, the policy."""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.analytics import services
from integrations.analytics.models import AssetClass, BusinessCalendar, ReportPolicy, ResolutionTarget
from integrations.core import clock
from integrations.core.config import Section, register
from integrations.core.config.parts import Link, columns
from integrations.core.config.plain import Change


class Measured(Section):
    """Rows by which jobs are measured: after a change all are measured anew."""

    def save(self, row: Any, fields: Sequence[str]) -> None:
        super().save(row, fields)
        services.recount(str(self.model._meta.verbose_name), now=clock.now())

    def remove(self, row: Any) -> None:
        super().remove(row)
        services.recount(str(self.model._meta.verbose_name), now=clock.now())


class Calendars(Measured):
    name, model, key = "business_calendars", BusinessCalendar, ("workspace", "slug")
    parts = columns(BusinessCalendar, "name", "zone", "shifts", "closed_days")


class Classes(Measured):
    name, model, key = "asset_classes", AssetClass, ("workspace", "pattern")
    parts = columns(AssetClass, "name", "position")


class Targets(Section):
    name, model, key = "resolution_targets", ResolutionTarget, ("workspace", "priority")
    parts = columns(ResolutionTarget, "hours")


class Policies(Section):
    name, model, key = "report_policies", ReportPolicy, ("workspace",)
    parts = (*columns(ReportPolicy, "guard_rail", "fewest"), Link(ReportPolicy, "calendar", within=1))

    def check(self, row: Any, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if row.calendar and row.calendar.workspace != row.workspace:
            yield "calendar", "it is of another workspace."


def register_sections() -> None:
    for section in (Calendars(), Classes(), Targets(), Policies()):
        register(section)
