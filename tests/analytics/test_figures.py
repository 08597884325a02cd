"""The report's figures in the database are those of the pure definitions."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.analytics.hours import BusinessHours, Shift, by_the_clock
from integrations.analytics.models import BusinessCalendar, MeasuredJob, ReportPolicy, ResolutionTarget
from integrations.analytics.resolution import CallFact, Cohort, Elapsed, Job, LeftOut, Report, by_priority, report
from integrations.analytics.selectors.chosen import Chosen, fewest_of, words_of
from integrations.analytics.selectors.figures import figures
from integrations.platforms.worklink.models import CallSession
from integrations.workorders.models import WorkOrder
from tests.analytics.making import NOON, hours, make_call, make_job, make_seven, measure_all
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db
TARGETS = {"1": hours(4), "2": hours(20), "": hours(30)}


def make_random(seed: int, *, count: int = 120) -> None:
    dice = random.Random(seed)
    for _ in range(count):
        opened = None if dice.random() < 0.05 else NOON + timedelta(seconds=dice.randrange(-(10**7), 10**7))
        took = dice.choice([None, -1.0, 0.0, 4.0, 20.0, dice.uniform(0, 300), dice.lognormvariate(2, 1.5)])
        order = make_job(took, opened=opened, priority=dice.choice(["1", "2", "3", ""]), site=dice.choice("ab"))
        for _ in range(dice.choice([0, 0, 1, 3])):
            at = (opened or NOON) + timedelta(hours=dice.uniform(-5, 100))
            make_call(order, at, connected=dice.random() < 0.7, seconds=dice.choice([None, 0.0, dice.uniform(1, 4000)]))
    for priority, aim in TARGETS.items():
        ResolutionTarget.objects.create(workspace=make_workspace(), priority=priority, hours=aim / timedelta(hours=1))


def pure_jobs() -> list[Job]:
    """The same rows, read once more in the plainest way."""
    calls: dict[str, list[CallFact]] = {}
    for row in CallSession.objects.all():
        assert row.started_at is not None
        calls.setdefault(row.subject, []).append(
            CallFact(row.started_at, timedelta(seconds=row.seconds or 0), row.connected_at)
        )
    return [
        Job(str(each.pk), each.opened_at, each.resolved_at, each.priority, calls.get(each.subject, ()))
        for each in WorkOrder.objects.all()
    ]


def rounded(found: Report) -> tuple[list[Cohort], Counter[LeftOut]]:
    """A mean depends on the order in which it was added up; all else must be the same to the last digit."""
    cohorts = [found.with_call, found.without_call]
    return [
        replace(each, mean=each.mean and timedelta(seconds=round(each.mean.total_seconds(), 3))) for each in cohorts
    ], found.left_out


def agree(chosen: Chosen, jobs: Sequence[Job], *, elapsed: Elapsed = by_the_clock) -> None:
    found = figures(chosen)
    expected = report(jobs, targets=TARGETS, fewest=chosen.fewest, elapsed=elapsed)
    assert rounded(found.report) == rounded(expected)
    each = by_priority(jobs, targets=TARGETS, fewest=chosen.fewest, elapsed=elapsed)
    assert {name: rounded(one) for name, one in found.by_priority.items()} == {
        name: rounded(one) for name, one in each.items()
    }


@pytest.mark.parametrize("fewest", [1, 10])
def test_the_figures_are_those_of_the_definitions(fewest: int) -> None:
    make_random(fewest)
    measure_all()

    agree(Chosen(make_workspace().pk, fewest=fewest), pure_jobs())


def test_the_figures_by_a_calendar_are_those_of_the_definitions() -> None:
    make_random(3, count=60)
    berlin = ZoneInfo("Europe/Berlin")
    shifts = ["Mon-Fri 08:00-17:00", "Sat 22:00-06:00"]
    calendar = BusinessCalendar.objects.create(
        workspace=make_workspace(), slug="b", name="B", zone="Europe/Berlin", shifts=shifts, closed_days=["2026-03-04"]
    )
    measure_all()

    office = [Shift(day, time(8), time(17)) for day in range(5)]
    open_hours = BusinessHours(berlin, [*office, Shift(5, time(22), time(6))], frozenset({date(2026, 3, 4)}))
    agree(Chosen(make_workspace().pk, calendar=calendar), pure_jobs(), elapsed=open_hours.between)


def test_the_worked_example_comes_out_exactly() -> None:
    make_seven()
    measure_all()

    found = figures(Chosen(make_workspace().pk)).report

    assert (found.with_call.median, found.without_call.median) == (hours(4), hours(8))
    assert (found.difference, found.ratio) == (hours(-4), 0.5)


def test_the_guard_rail_hides_what_few_jobs_would_say() -> None:
    make_seven()
    measure_all()
    space = make_workspace().pk

    railed = figures(Chosen(space, fewest=fewest_of(space, guard_rail=None)))

    assert (railed.report.with_call, railed.report.difference) == (Cohort(3), None)
    assert {step.with_call for step in railed.steps} == {None}
    ReportPolicy.objects.create(workspace_id=space, fewest=3)
    assert fewest_of(space, guard_rail=None) == 3
    assert fewest_of(space, guard_rail=False) == 1


def test_the_steps_count_what_took_as_long_or_less() -> None:
    make_seven()
    measure_all()

    steps = {each.within: each for each in figures(Chosen(make_workspace().pk)).steps}

    assert (steps[hours(4)].with_call, steps[hours(4)].without_call) == (2 / 3, 0)
    assert (steps[hours(8)].with_call, steps[hours(8)].without_call) == (1, 0.5)


def test_a_job_is_of_the_day_on_which_it_was_resolved_in_the_calendars_zone() -> None:
    make_job(11.5, site="late")  # at 23:30 UTC of 2 March
    make_job(12.5, site="next")
    auckland = BusinessCalendar.objects.create(
        workspace=make_workspace(), slug="a", name="A", zone="Pacific/Auckland", shifts=["Mon-Sun 00:00-24:00"]
    )
    measure_all()
    day = Chosen(make_workspace().pk, since=date(2026, 3, 2), until=date(2026, 3, 2))

    assert [each.site for each in day.rows()] == ["late"]
    assert not replace(day, calendar=auckland).rows().exists()
    assert replace(day, since=date(2026, 3, 3), until=date(2026, 3, 3), calendar=auckland).rows().count() == 2


def test_each_condition_narrows_the_jobs() -> None:
    make_job(1, site="Basel", priority="1", asset="PUMP-7")
    make_job(1, site="Lyon", priority="2")
    measure_all()
    space = make_workspace().pk

    for condition in ({"site": "Basel"}, {"priority": "1"}):
        assert figures(Chosen(space, **condition)).report.without_call.n == 1  # type: ignore[arg-type]  # texts
    assert figures(Chosen(space, asset_class="pump")).report.without_call.n == 0
    assert words_of(space) == {"priority": ["1", "2"], "site": ["Basel", "Lyon"], "asset_class": []}


def test_no_jobs_have_no_figures() -> None:
    found = figures(Chosen(make_workspace().pk))

    assert (found.report.with_call, found.report.left_out, found.by_priority) == (Cohort(0), Counter(), {})
    assert not MeasuredJob.objects.exists()
