"""The report as CSV: its figures, and the jobs behind them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from integrations.analytics.models import MeasuredJob
from integrations.analytics.pages.asked import asked
from integrations.analytics.resolution import Cohort, Report
from integrations.analytics.selectors.chosen import Chosen
from integrations.analytics.selectors.figures import figures
from integrations.analytics.selectors.jobs import GROUPS, ShownJob, jobs, shown
from integrations.analytics.words import hours
from integrations.core.tables import csv_response

MOST_JOBS, AT_ONCE = 100_000, 1_000
FIGURES = ("priority", "group", "jobs", "median_hours", "mean_hours", "p90_hours", "share_within_target")
ORDER = ("work_order", "external_id", "priority", "site", "asset_class", "opened_at", "resolved_at", "left_out")
JOBS = (*ORDER, "hours_to_resolution", "calls", "minutes_in_calls", "hours_to_first_call", "hours_from_last_call")

Csv = HttpResponse | StreamingHttpResponse


def figures_csv(owner: Any, request: HttpRequest) -> Csv:
    form = asked(owner, request)
    if not form.is_valid():
        return _refused(form.errors.as_text())
    found = figures(form.chosen)
    rows = _cohorts("", found.report)
    for priority, one in found.by_priority.items():
        rows += _cohorts(priority or "(none)", one)
    return csv_response("time-to-resolution.csv", FIGURES, rows)


def jobs_csv(owner: Any, request: HttpRequest) -> Csv:
    """Return the newest jobs of a group, so many at most, written as they are read."""
    form = asked(owner, request)
    if not form.is_valid():
        return _refused(form.errors.as_text())
    group = request.GET.get("group", "")
    rows = jobs(form.chosen, group=group if group in GROUPS else "")
    return csv_response("jobs.csv", JOBS, _jobs(rows, form.chosen))


def _cohorts(priority: str, found: Report) -> list[tuple[Any, ...]]:
    return [
        (priority, *_cohort("with_call", found.with_call)),
        (priority, *_cohort("without_call", found.without_call)),
    ]


def _cohort(name: str, each: Cohort) -> tuple[Any, ...]:
    within = None if each.within_target is None else round(each.within_target, 4)
    return name, each.n, hours(each.median), hours(each.mean), hours(each.p90), within


def _jobs(rows: QuerySet[MeasuredJob], chosen: Chosen) -> Iterator[tuple[Any, ...]]:
    stream = rows[:MOST_JOBS].iterator(chunk_size=AT_ONCE)
    while batch := list(islice(stream, AT_ONCE)):
        yield from map(_job, shown(batch, chosen))


def _job(each: ShownJob) -> tuple[Any, ...]:
    row, minutes = each.row, round(each.in_calls.total_seconds() / 60, 2)
    times = [at.isoformat() if at else "" for at in (row.opened_at, row.resolved_at)]
    words = (row.work_order_id, each.key, row.priority, row.site, row.asset_class, *times, row.left_out)
    return (*words, hours(each.took), row.calls, minutes, hours(each.to_first_call), hours(each.from_last_call))


def _refused(said: str) -> HttpResponse:
    return HttpResponse(said, content_type="text/plain; charset=utf-8", status=400)
