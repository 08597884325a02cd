"""When a failed delivery is tried again: the contract's section 6. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.outbox.schedule import next_try

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def exactly(low: float, high: float) -> float:
    return (low + high) / 2


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 600), (6, 1800), (7, 1800), (40, 1800)]
)
def test_the_waits_are_those_of_the_contract(tries: int, seconds: int) -> None:
    again = next_try(tries=tries, first_tried_at=NOON, now=NOON, uniform=exactly)

    assert again is not None
    assert again.at == NOON + timedelta(seconds=seconds)


def test_the_jitter_is_twenty_per_cent_either_way() -> None:
    lows_and_highs = [next_try(tries=5, first_tried_at=NOON, now=NOON, uniform=pick) for pick in (min, max)]

    assert [each.at - NOON for each in lows_and_highs if each] == [timedelta(seconds=480), timedelta(seconds=720)]


@pytest.mark.parametrize(("asked", "seconds"), [(10.0, 10), (0.1, 1), (7200.0, 3600)])
def test_retry_after_is_honoured_up_to_an_hour(asked: float, seconds: int) -> None:
    again = next_try(tries=1, first_tried_at=NOON, now=NOON, asked=asked, uniform=exactly)

    assert again is not None
    assert again.at == NOON + timedelta(seconds=seconds)


def test_it_ends_after_a_day() -> None:
    just_before = NOON + timedelta(hours=23, minutes=29)

    assert next_try(tries=50, first_tried_at=NOON, now=just_before, uniform=exactly) is not None
    assert next_try(tries=51, first_tried_at=NOON, now=NOON + timedelta(hours=23, minutes=31), uniform=exactly) is None


def test_those_behind_wait_for_two_minutes_at_most() -> None:
    late = NOON + timedelta(seconds=36)

    third = next_try(tries=3, first_tried_at=NOON, now=NOON + timedelta(seconds=6), uniform=exactly)
    fourth = next_try(tries=4, first_tried_at=NOON, now=late, uniform=exactly)

    assert third is not None
    assert fourth is not None
    assert (third.aside, fourth.aside) == (False, True)
