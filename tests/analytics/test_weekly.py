"""Business hours as an administrator writes them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.analytics.hours import BusinessHours, Shift, timetable
from integrations.analytics.weekly import closed_of, shifts_of

WHEN = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
SHIFTS = st.builds(
    Shift,
    st.integers(0, 6),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
)


def test_a_line_is_a_shift_on_each_of_its_days() -> None:
    assert shifts_of(["Mon-Wed 08:00-17:00", "sat 22:00-06:00", "Sun 00:00-24:00"]) == [
        *(Shift(day, time(8), time(17)) for day in range(3)),
        Shift(5, time(22), time(6)),
        Shift(6, time(0), time(0)),
    ]


def test_days_go_round_the_week() -> None:
    assert [each.weekday for each in shifts_of(["Sat-Mon 08:00-09:00"])] == [5, 6, 0]


@pytest.mark.parametrize(
    "line", ["", "Mon", "Mon 8-17", "Mon-Foo 08:00-17:00", "Mon 25:00-26:00", "Mon 08:60-09:00", 7]
)
def test_a_line_that_cannot_be_read_is_named(line: object) -> None:
    with pytest.raises(ValueError, match="Mon-Fri 08:00-17:00"):
        shifts_of(["Mon 08:00-17:00", line])


@pytest.mark.parametrize("line", ["25.12.2026", "2026-02-30", "", None])
def test_a_day_that_is_none_is_named(line: object) -> None:
    assert closed_of(["2026-12-25"]) == {date(2026, 12, 25)}
    with pytest.raises(ValueError, match="2026-12-25"):
        closed_of([line])


@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    shifts=st.lists(SHIFTS, max_size=8).map(tuple),
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
    pair=st.tuples(WHEN, WHEN),
)
def test_a_timetable_says_what_the_hours_say(
    zone: str, shifts: tuple[Shift, ...], closed: frozenset[date], pair: tuple[datetime, datetime]
) -> None:
    hours, (start, end) = BusinessHours(ZoneInfo(zone), shifts, closed), sorted(pair)

    found = timetable(hours, first_year=2026, last_year=2027).between(start, end)

    assert found == hours.between(start, end)
    assert timetable(hours, first_year=2026, last_year=2027).between(end, start - timedelta(days=1)) == timedelta()


def test_what_is_before_or_after_all_years_counts_as_closed() -> None:
    always = BusinessHours(ZoneInfo("America/New_York"), tuple(shifts_of(["Mon-Sun 00:00-24:00"])))
    table = timetable(always, first_year=1, last_year=9999)

    assert table.between(datetime(1, 1, 1, tzinfo=UTC), datetime(1990, 1, 2, tzinfo=UTC)) == timedelta(days=1)
    assert table.between(datetime(2200, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)) == timedelta()
