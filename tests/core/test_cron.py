"""Cron expressions: what is refused, and what comes next where the clocks change."""

from datetime import UTC, datetime

import pytest

from integrations.core import cron


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("0 0 12 * * *", "five fields"),
        ("61 * * * *", "is not a cron expression"),
        ("@daily", "five fields"),
        ("0 0 31 2 *", "Bad day-of-month"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_a_reason(expression: str, said: str) -> None:
    assert said in cron.problem_of(expression)


def test_a_good_expression_has_no_problem() -> None:
    assert cron.problem_of("*/15 6-18 * * 1-5") == ""


def test_six_in_the_morning_stays_six_in_the_morning_over_both_clock_changes() -> None:
    spring = cron.next_times("0 6 * * *", zone="Europe/Paris", after=datetime(2026, 3, 28, 0, tzinfo=UTC), count=3)
    autumn = cron.next_times("0 6 * * *", zone="Europe/Paris", after=datetime(2026, 10, 24, 0, tzinfo=UTC), count=3)

    assert [at.hour for at in spring] == [5, 4, 4]
    assert [at.hour for at in autumn] == [4, 5, 5]


def test_an_hour_that_occurs_twice_runs_a_daily_job_once() -> None:
    times = cron.next_times("30 2 * * *", zone="Europe/Paris", after=datetime(2026, 10, 24, 12, tzinfo=UTC), count=2)

    assert [at.date().isoformat() for at in times] == ["2026-10-25", "2026-10-26"]
