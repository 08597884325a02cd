"""Time to resolution of jobs with remote assistance beside the others (chapter 5 (d) of the sheet). Pure.

The reference for what the report computes. It compares, it does not explain: harder jobs attract calls.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import fmean, median, quantiles

from integrations.analytics.hours import by_the_clock

FEWEST = 10  # jobs in a cohort; with fewer, a figure would say more than is known
Elapsed = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True)
class CallFact:
    """One call that carried the job's key. `connected_at` is missing where the API does not say it."""

    started_at: datetime
    duration: timedelta
    connected_at: datetime | None = None

    @property
    def connected(self) -> bool:
        return self.connected_at is not None or self.duration > timedelta()


@dataclass(frozen=True)
class Job:
    """A work order with what the system of record says of it; of several resolutions the last."""

    key: str
    opened_at: datetime | None
    resolved_at: datetime | None
    priority: str = ""
    calls: Sequence[CallFact] = ()


class LeftOut(StrEnum):
    """Why a job is in no cohort."""

    NOT_OPENED = "It has no opening time."
    NOT_RESOLVED = "It is not resolved."
    BACKWARDS = "It was resolved before it was opened."


@dataclass(frozen=True)
class Measured:
    """What is known of one job. Times are elapsed by the chosen hours; minutes in calls are always real."""

    job: Job
    time_to_resolution: timedelta
    calls: int
    in_calls: timedelta
    to_first_call: timedelta | None
    from_last_call: timedelta | None
    first_call_at: datetime | None = None
    last_call_at: datetime | None = None

    @property
    def with_call(self) -> bool:
        return self.calls > 0


@dataclass(frozen=True)
class Cohort:
    """Figures of one cohort; all None if it has fewer than `fewest` jobs: too few."""

    n: int
    median: timedelta | None = None
    mean: timedelta | None = None
    p90: timedelta | None = None
    within_target: float | None = None


@dataclass(frozen=True)
class Report:
    """Both cohorts, their medians compared, and what was left out, by reason."""

    with_call: Cohort
    without_call: Cohort
    left_out: Counter[LeftOut]

    @property
    def difference(self) -> timedelta | None:
        """Median with call minus median without: negative is faster with calls."""
        pair = self.with_call.median, self.without_call.median
        return None if pair[0] is None or pair[1] is None else pair[0] - pair[1]

    @property
    def ratio(self) -> float | None:
        pair = self.with_call.median, self.without_call.median
        return None if pair[0] is None or not pair[1] else pair[0] / pair[1]


def measure(job: Job, *, elapsed: Elapsed = by_the_clock) -> Measured | LeftOut:
    """Measure one job, or say why it is left out. Calls count if they connected while the job was open."""
    if job.opened_at is None:
        return LeftOut.NOT_OPENED
    if job.resolved_at is None:
        return LeftOut.NOT_RESOLVED
    if job.resolved_at < job.opened_at:
        return LeftOut.BACKWARDS
    opened, resolved = job.opened_at, job.resolved_at
    calls = [each for each in job.calls if each.connected and opened <= each.started_at <= resolved]
    first, last = (call(each.started_at for each in calls) if calls else None for call in (min, max))
    return Measured(
        job,
        elapsed(opened, resolved),
        calls=len(calls),
        in_calls=sum((each.duration for each in calls), timedelta()),
        to_first_call=None if first is None else elapsed(opened, first),
        from_last_call=None if last is None else elapsed(last, resolved),
        first_call_at=first,
        last_call_at=last,
    )


def report(
    jobs: Iterable[Job],
    *,
    targets: dict[str, timedelta] | None = None,
    fewest: int = FEWEST,
    elapsed: Elapsed = by_the_clock,
) -> Report:
    """Compare both cohorts. `targets`: by priority; a job whose priority has none is in no share of theirs."""
    left_out: Counter[LeftOut] = Counter()
    cohorts: dict[bool, list[Measured]] = {True: [], False: []}
    for job in jobs:
        found = measure(job, elapsed=elapsed)
        if isinstance(found, LeftOut):
            left_out[found] += 1
        else:
            cohorts[found.with_call].append(found)
    figures = {each: _figures(cohorts[each], targets=targets or {}, fewest=fewest) for each in cohorts}
    return Report(figures[True], figures[False], left_out)


def by_priority(jobs: Iterable[Job], **how: object) -> dict[str, Report]:
    """One report for each priority, in the order of their names; `how` as for `report`."""
    grouped: dict[str, list[Job]] = {}
    for job in jobs:
        grouped.setdefault(job.priority, []).append(job)
    return {priority: report(grouped[priority], **how) for priority in sorted(grouped)}  # type: ignore[arg-type]  # theirs


def _figures(measured: Sequence[Measured], *, targets: dict[str, timedelta], fewest: int) -> Cohort:
    if not measured or len(measured) < fewest:
        return Cohort(len(measured))
    seconds = [each.time_to_resolution.total_seconds() for each in measured]
    aimed = [each for each in measured if each.job.priority in targets]
    met = sum(each.time_to_resolution <= targets[each.job.priority] for each in aimed)
    return Cohort(
        len(measured),
        median=timedelta(seconds=median(seconds)),
        mean=timedelta(seconds=fmean(seconds)),
        p90=timedelta(seconds=percentile_90(seconds)),
        within_target=met / len(aimed) if aimed else None,
    )


def percentile_90(values: Sequence[float]) -> float:
    """Interpolated between the nearest two, as PostgreSQL's `percentile_cont` does."""
    return values[0] if len(values) == 1 else quantiles(values, n=10, method="inclusive")[-1]
