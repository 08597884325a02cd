"""Which jobs a report is about, and by which hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from integrations.analytics.models import (
    BusinessCalendar,
    JobTally,
    JobWord,
    MeasuredJob,
    ReportPolicy,
    ResolutionTarget,
)

MOST_WORDS = 500


@dataclass(frozen=True)
class Chosen:
    """What someone asked for. Days are of the calendar's zone, else UTC; None and "": everything."""

    workspace_id: int
    calendar: BusinessCalendar | None = None
    since: date | None = None
    until: date | None = None
    site: str = ""
    asset_class: str = ""
    priority: str = ""
    fewest: int = 1  # jobs in a group; with fewer it has no figures

    @property
    def zone(self) -> tzinfo:
        return self.calendar.hours.zone if self.calendar else ZoneInfo("UTC")

    def rows(self) -> QuerySet[MeasuredJob]:
        """Return what was measured of these jobs, left out ones too."""
        rows = MeasuredJob.objects.filter(workspace=self.workspace_id)
        rows = rows.filter(calendar=self.calendar) if self.calendar else rows.filter(calendar__isnull=True)
        if self.since:
            rows = rows.filter(counted_at__gte=self._start_of(self.since))
        if self.until and self.until < date.max:
            rows = rows.filter(counted_at__lt=self._start_of(self.until + timedelta(days=1)))
        words = {name: getattr(self, name) for name in ("site", "asset_class", "priority")}
        return rows.filter(**{name: word for name, word in words.items() if word})

    def months(self) -> tuple[datetime | None, datetime | None] | None:
        """Return from when and until when whole months of UTC are tallied; None if none can be used.

        None of a pair: from the first month, or to the last.
        """
        if self.site or self.asset_class:  # the tally does not tell them apart
            return None
        first = self._month_from(self._start_of(self.since)) if self.since else None
        bounded = self.until and self.until < date.max
        last = self._month_of(self._start_of(self.until + timedelta(days=1))) if bounded and self.until else None
        return None if first and last and first >= last else (first, last)

    def tallied(self) -> QuerySet[JobTally]:
        """Return the tally of the whole months."""
        first, last = self.months() or (None, None)
        rows = JobTally.objects.filter(workspace=self.workspace_id)
        rows = rows.filter(calendar=self.calendar) if self.calendar else rows.filter(calendar__isnull=True)
        rows = rows.filter(priority=self.priority) if self.priority else rows
        rows = rows.filter(month__gte=first.date()) if first else rows
        return rows.filter(month__lt=last.date()) if last else rows

    @staticmethod
    def _month_of(at: datetime) -> datetime:
        return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def _month_from(self, at: datetime) -> datetime:
        """Return the first month that begins then or later."""
        begun = self._month_of(at)
        return begun if begun == at else self._month_of(begun + timedelta(days=32))

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def targets(self) -> dict[str, timedelta]:
        rows = ResolutionTarget.objects.filter(workspace=self.workspace_id).order_by("priority")
        return {priority: timedelta(hours=hours) for priority, hours in rows.values_list("priority", "hours")}


def fewest_of(workspace_id: int, *, guard_rail: bool | None) -> int:
    """Return how many jobs a group needs to have figures, as the policy says or with its guard rail switched."""
    policy = ReportPolicy.of(workspace_id)
    return policy.fewest if (policy.guard_rail if guard_rail is None else guard_rail) else 1


def words_of(workspace_id: int) -> dict[str, list[str]]:
    """Return the priorities, sites and classes that jobs have, the first so many of each, to choose from."""
    found: dict[str, list[str]] = {}
    for kind in ("priority", "site", "asset_class"):
        rows = JobWord.objects.filter(workspace=workspace_id, kind=kind).order_by("word")
        found[kind] = list(rows.values_list("word", flat=True)[:MOST_WORDS])
    return found
