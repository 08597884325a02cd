from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from integrations.core.retry import LONGEST_ASKED_SECONDS, expired, next_try

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.integers(min_value=1, max_value=1000))
def test_the_wait_grows_up_to_the_longest(attempts: int) -> None:
    wait = (next_try(now=NOON, attempts=attempts, first=2.0, longest=600.0) - NOON).total_seconds()

    assert 1.0 <= wait <= min(600.0, 2.0 * 2 ** min(attempts - 1, 20)) + 1e-6


def test_the_wait_is_spread_over_the_whole_window() -> None:
    waits = [(next_try(now=NOON, attempts=8, first=2.0) - NOON).total_seconds() for _ in range(400)]

    assert min(waits) < 64
    assert max(waits) > 192


@given(st.floats(min_value=0, max_value=1e9))
def test_what_the_other_side_asked_for_is_a_floor_up_to_an_hour(asked: float) -> None:
    wait = (next_try(now=NOON, attempts=1, retry_after=asked) - NOON).total_seconds()

    assert wait >= min(asked, LONGEST_ASKED_SECONDS) - 1e-6
    assert wait <= max(2.0, LONGEST_ASKED_SECONDS) + 1e-6


def test_tries_end_by_age() -> None:
    limit = timedelta(hours=72)

    assert not expired(since=None, now=NOON, longest=limit)
    assert not expired(since=NOON - limit, now=NOON, longest=limit)
    assert expired(since=NOON - limit - timedelta(seconds=1), now=NOON, longest=limit)
