from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.connections import times
from integrations.connections.times import NotATime, format_problem, format_time, parse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:00.123456789Z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T13:00:00+0100",
        "2026-03-01 13:00:00 +0100",
        "2026-03-01 12:00:00 UTC",
        "2026-03-01 13:00:00",
        "2026-03-01T13:00",
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 13:00:00 +0100",
        1772366400,
        1772366400.0,
        1772366400000,
        "1772366400",
        "1772366400000",
        " 1772366400 ",
        NOON,
    ],
)
def test_vendors_ways_to_write_a_time_are_read(value: object) -> None:
    found = parse(value, zone=BERLIN)

    assert found.replace(microsecond=0) == NOON
    assert found.tzinfo is UTC


def test_a_connection_s_own_pattern_is_read_and_standard_ones_beside_it() -> None:
    pattern = "%d/%m/%Y %H:%M"

    assert parse("01/03/2026 13:00", zone=BERLIN, date_format=pattern) == NOON
    assert parse("2026-03-01T12:00:00Z", zone=BERLIN, date_format=pattern) == NOON


def test_a_date_is_its_first_moment_in_the_zone() -> None:
    assert parse("2026-03-01", zone=BERLIN) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert parse(date(2026, 3, 1), zone=BERLIN) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert parse("20260301", zone="UTC") == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_time_that_occurs_twice_is_the_first_and_one_that_does_not_is_shifted() -> None:
    assert parse("2026-10-25T02:30:00", zone=BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert parse("2026-03-29T02:30:00", zone=BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026-13-01", "0001-01-01T00:00:00+14:00", "9" * 16, "1e400", None, True, [], {}, float("nan")],
)
def test_what_is_no_time_is_named(value: object) -> None:
    with pytest.raises(NotATime, match="is not a time"):
        parse(value, zone=BERLIN)


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats()))
def test_whatever_comes_is_a_utc_time_or_named(value: object) -> None:
    try:
        found = parse(value, zone=BERLIN)
    except NotATime:
        return
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("date_format", "written"),
    [*times.FORMATS.items(), ("%d.%m.%Y %H:%M", "01.03.2026 13:00")],
)
def test_each_format_is_written_as_its_example(date_format: str, written: str) -> None:
    assert str(format_time(NOON, date_format=date_format, zone=BERLIN)) == written


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_what_is_written_with_an_offset_is_read_as_the_same(moment: datetime) -> None:
    at = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)

    for date_format in ("iso", "iso_offset", "epoch_ms"):
        assert parse(format_time(at, date_format=date_format, zone=BERLIN), zone=BERLIN) == at


def test_a_format_that_is_none_is_refused() -> None:
    assert [format_problem(each) for each in (*times.FORMATS, "%Y")] == [""] * 7
    assert "“DD/MM/YYYY” is not a date format" in format_problem("DD/MM/YYYY")
