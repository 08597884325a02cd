"""The report's figures over any number of jobs: exactly those of `analytics.resolution`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from integrations.analytics.resolution import Cohort, Report
from integrations.analytics.selectors.chosen import Chosen
from integrations.analytics.selectors.counting import Group, Moved, Reading
from integrations.analytics.spread import STEPS, between, bucket_of, median_ranks, p90_ranks
from integrations.core.errors import TransientError

MOST_PRIORITIES = 20  # in the breakdown: those with the most jobs
TRIES = 5


@dataclass(frozen=True)
class Step:
    """Which share of each cohort was resolved within a time; None: too few jobs."""

    within: timedelta
    with_call: float | None
    without_call: float | None


@dataclass(frozen=True)
class Figures:
    """The report, the same for each priority, and the steps of its chart."""

    report: Report
    by_priority: dict[str, Report]
    steps: list[Step]
    more_priorities: int = 0  # that the breakdown leaves out


def figures(chosen: Chosen) -> Figures:
    """Compute the figures of the chosen jobs, all as of one moment."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return _figures(chosen)
    for _ in range(TRIES):
        try:
            return _figures(chosen)
        except Moved:  # jobs were measured in between
            continue
    raise TransientError("Jobs are being measured; look again in a minute.")


def _figures(chosen: Chosen) -> Figures:
    reading = Reading(chosen)
    shown, more = _priorities(reading)
    reading.read([None, *shown])
    return Figures(
        report=_report(reading, None),
        by_priority={priority: _report(reading, priority) for priority in shown},
        steps=list(_steps(reading)),
        more_priorities=more,
    )


def _priorities(reading: Reading) -> tuple[list[str], int]:
    """Return the priorities of the breakdown by name, and how many there are besides."""
    found = {priority for _with, priority in reading.groups if priority is not None}
    found |= {priority for priority in reading.left_out if priority is not None}
    jobs = {each: sum(_n(reading, (with_call, each)) for with_call in (True, False)) for each in found}
    shown = sorted(found, key=lambda each: (-jobs[each], each))[:MOST_PRIORITIES]
    return sorted(shown), len(found) - len(shown)


def _n(reading: Reading, group: Group) -> int:
    return reading.groups[group].n if group in reading.groups else 0


def _report(reading: Reading, priority: str | None) -> Report:
    with_call, without = (_cohort(reading, (each, priority)) for each in (True, False))
    return Report(with_call, without, reading.left_out[priority])


def _cohort(reading: Reading, group: Group) -> Cohort:
    n = _n(reading, group)
    if n < reading.fewest:
        return Cohort(n)
    low, high, tenths = p90_ranks(n)
    return Cohort(
        n,
        median=timedelta(seconds=sum(reading.values(group, *median_ranks(n))) / 2),
        mean=timedelta(seconds=reading.groups[group].seconds / n),
        p90=timedelta(seconds=between(*reading.values(group, low, high), tenths=tenths)),
        within_target=_within_target(reading, group),
    )


def _within_target(reading: Reading, group: Group) -> float | None:
    """Return the share of the jobs with a target that met it; of all priorities together each has its own."""
    names = reading.targets if group[1] is None else {group[1]} & set(reading.targets)
    aimed = [(each, reading.targets[each]) for each in names if _n(reading, (group[0], each))]
    met = sum(reading.within((group[0], each), target) for each, target in aimed)
    return met / total if (total := sum(_n(reading, (group[0], each)) for each, _ in aimed)) else None


def _steps(reading: Reading) -> Iterator[Step]:
    for seconds in STEPS:
        shares = []
        for with_call in (True, False):
            n = _n(reading, (with_call, None))
            below = reading.groups[with_call, None].below(bucket_of(seconds), own=True) if n else 0
            shares.append(below / n if n >= reading.fewest else None)
        yield Step(timedelta(seconds=seconds), *shares)
