"""Business hours over nights, closed days and both changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.analytics.hours import BusinessHours, Shift, by_the_clock

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = BusinessHours(BERLIN, [Shift(day, time(8), time(17)) for day in range(5)])
NIGHTS = BusinessHours(BERLIN, [Shift(day, time(22), time(6)) for day in range(7)])
ALWAYS = BusinessHours(BERLIN, [Shift(day, time(0), time(0)) for day in range(7)])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02T09:00", "2026-03-02T11:00", 2),
        ("2026-03-02T06:00", "2026-03-02T20:00", 9),
        ("2026-03-02T16:00", "2026-03-03T09:00", 2),
        ("2026-03-06T16:00", "2026-03-09T09:00", 2),  # over a week-end
        ("2026-03-07T09:00", "2026-03-08T20:00", 0),
        ("2026-03-02T00:00", "2026-03-09T00:00", 45),
        ("2026-03-02T11:00", "2026-03-02T11:00", 0),
        ("2026-03-02T11:00", "2026-03-02T09:00", 0),
        ("2026-03-27T16:00", "2026-03-30T09:00", 2),  # the clocks go forward in between
        ("2026-10-23T16:00", "2026-10-26T09:00", 2),  # and back
    ],
)
def test_office_hours(start: str, end: str, hours: float) -> None:
    assert OFFICE.between(at(start), at(end)) == timedelta(hours=hours)


def test_a_closed_day_has_none() -> None:
    closed = BusinessHours(BERLIN, OFFICE.shifts, frozenset({date(2026, 3, 3)}))

    assert closed.between(at("2026-03-02T00:00"), at("2026-03-05T00:00")) == timedelta(hours=18)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-03-27", 8), ("2026-03-28", 7), ("2026-10-24", 9), ("2026-10-25", 8)],
)
def test_a_night_shift_is_as_long_as_it_really_was(evening: str, hours: float) -> None:
    start = at(f"{evening}T12:00")  # a day later on the wall, not 24 hours

    assert NIGHTS.between(start, start + timedelta(days=1)) == timedelta(hours=hours)


@pytest.mark.parametrize(("noon", "hours"), [("2026-03-28T12:00", 23), ("2026-10-24T12:00", 25)])
def test_from_noon_to_noon_is_not_always_a_day(noon: str, hours: float) -> None:
    start = at(noon)

    for elapsed in (ALWAYS.between, by_the_clock):
        assert elapsed(start, start + timedelta(days=1)) == timedelta(hours=hours)


def test_the_second_half_of_a_night_belongs_to_the_evening_before() -> None:
    assert NIGHTS.between(at("2026-03-03T05:00"), at("2026-03-03T07:00")) == timedelta(hours=1)


def test_shifts_that_overlap_count_once() -> None:
    both = BusinessHours(
        BERLIN, [Shift(0, time(8), time(12)), Shift(0, time(10), time(14)), Shift(0, time(9), time(11))]
    )

    assert both.between(at("2026-03-02T00:00"), at("2026-03-03T00:00")) == timedelta(hours=6)


INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=40)))
def test_open_around_the_clock_is_the_clock(start: datetime, took: timedelta) -> None:
    assert ALWAYS.between(start, start + took) == took


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=20)), st.timedeltas(timedelta(), timedelta(days=20)))
def test_two_parts_are_as_long_as_the_whole(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second

    for hours in (OFFICE, NIGHTS):
        assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end)
