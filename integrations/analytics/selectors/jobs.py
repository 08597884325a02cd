"""The single jobs behind the figures, newest first."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from integrations.analytics.hours import by_the_clock, timetable
from integrations.analytics.models import MeasuredJob
from integrations.analytics.resolution import Elapsed
from integrations.analytics.selectors.chosen import Chosen
from integrations.workorders import called

WITH, WITHOUT, LEFT_OUT = "with", "without", "left-out"
GROUPS = (WITH, WITHOUT, LEFT_OUT)


@dataclass(frozen=True)
class ShownJob:
    """One job with its times by the chosen hours; `key`: what its system of record calls it."""

    row: MeasuredJob
    key: str
    took: timedelta | None
    in_calls: timedelta
    to_first_call: timedelta | None
    from_last_call: timedelta | None


def jobs(chosen: Chosen, *, group: str) -> QuerySet[MeasuredJob]:
    """Return the rows of a group (`GROUPS`; "" for all), in an order that tells any two apart."""
    rows = chosen.rows().order_by("-counted_at", "-work_order_id")
    if group == LEFT_OUT:
        return rows.exclude(left_out="")
    return rows.filter(left_out="", with_call=group == WITH) if group else rows


def shown(rows: Collection[MeasuredJob], chosen: Chosen) -> Iterator[ShownJob]:
    """Yield the jobs of one page, with two queries for all of them."""
    names = called.names({f"workorder/{row.work_order_id}" for row in rows})
    elapsed = _elapsed(rows, chosen)
    for row in rows:
        counts = not row.left_out
        first = elapsed(row.opened_at, row.first_call_at) if row.opened_at and row.first_call_at else None
        last = elapsed(row.last_call_at, row.resolved_at) if row.last_call_at and row.resolved_at else None
        yield ShownJob(
            row,
            key=names.get(f"workorder/{row.work_order_id}", ""),
            took=timedelta(seconds=row.seconds) if counts and row.seconds is not None else None,
            in_calls=timedelta(seconds=row.call_seconds),
            to_first_call=first if counts else None,
            from_last_call=last if counts else None,
        )


def _elapsed(rows: Iterable[MeasuredJob], chosen: Chosen) -> Elapsed:
    if chosen.calendar is None:
        return by_the_clock
    years = {at.year for row in rows for at in (row.opened_at, row.resolved_at) if at}
    first, last = min(years, default=2000), max(years, default=2000)
    return timetable(chosen.calendar.hours, first_year=first, last_year=last).between
