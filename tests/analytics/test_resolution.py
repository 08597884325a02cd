"""Time to resolution by the definitions and the worked example of the sheet (5 (d), A32, A33)."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.analytics.resolution import CallFact, Job, LeftOut, Measured, by_priority, measure, report

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def job(took: float, *calls: CallFact, priority: str = "") -> Job:
    return Job(f"WO-{took}", NOON, NOON + hours(took), priority, calls)


def call(after: float, minutes: float = 12, *, connected: bool = True) -> CallFact:
    started = NOON + hours(after)
    return CallFact(started, timedelta(minutes=minutes), started if connected else None)


SEVEN = [job(2, call(1)), job(4, call(1)), job(6, call(1)), job(5), job(7), job(9), job(11)]


def test_a32_the_worked_example_comes_out_exactly() -> None:
    found = report(SEVEN, fewest=1)

    assert (found.with_call.n, found.without_call.n) == (3, 4)
    assert (found.with_call.median, found.without_call.median) == (hours(4), hours(8))
    assert (found.difference, found.ratio) == (hours(-4), 0.5)


def test_fewer_than_ten_jobs_are_too_few_for_a_figure() -> None:
    found = report(SEVEN)

    assert (found.with_call.n, found.with_call.median, found.without_call.p90) == (3, None, None)
    assert (found.difference, found.ratio) == (None, None)


def test_a33_a_call_after_the_resolution_does_not_count() -> None:
    late, early = measure(job(2, call(2.5))), measure(job(2, call(-0.5)))

    assert [isinstance(each, Measured) and each.with_call for each in (late, early)] == [False, False]


@pytest.mark.parametrize(
    ("fact", "counts"),
    [
        (call(1), True),
        (call(0), True),
        (call(2), True),
        (call(1, 0), True),
        (call(1, 5, connected=False), True),
        (call(1, 0, connected=False), False),  # never answered (E26)
    ],
)
def test_a_call_counts_if_it_connected_while_the_job_was_open(fact: CallFact, counts: bool) -> None:
    found = measure(job(2, fact))

    assert isinstance(found, Measured)
    assert found.with_call is counts


def test_what_is_told_of_each_job() -> None:
    found = measure(job(6, call(2, 12), call(1, 3), call(7, 100)))

    assert isinstance(found, Measured)
    assert (found.calls, found.in_calls) == (2, timedelta(minutes=15))
    assert (found.to_first_call, found.from_last_call) == (hours(1), hours(4))


def test_what_is_left_out_is_counted_by_its_reason() -> None:
    found = report([Job("a", None, NOON), Job("b", NOON, None), Job("c", NOON, NOON - hours(1)), job(0)], fewest=1)

    assert found.left_out == {LeftOut.NOT_OPENED: 1, LeftOut.NOT_RESOLVED: 1, LeftOut.BACKWARDS: 1}
    assert (found.without_call.n, found.without_call.median) == (1, hours(0))
    assert found.ratio is None


def test_mean_and_ninetieth_percentile() -> None:
    found = report([job(each) for each in range(1, 12)]).without_call

    assert (found.n, found.median, found.mean, found.p90) == (11, hours(6), hours(6), hours(10))


def test_the_share_within_the_target_of_each_priority() -> None:
    jobs = [job(1, priority="high"), job(3, priority="high"), job(3, priority="low"), job(99, priority="none")]
    targets = {"high": hours(2), "low": hours(8)}

    assert report(jobs, targets=targets, fewest=1).without_call.within_target == pytest.approx(2 / 3)
    each = by_priority(jobs, targets=targets, fewest=1)
    assert {name: found.without_call.within_target for name, found in each.items()} == {
        "high": 0.5,
        "low": 1.0,
        "none": None,
    }
