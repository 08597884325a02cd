"""How long it took: by the clock, or within business hours of a place, over both changes of its clocks. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# Some systems write "no time" as the year 1: business hours are counted within these years only.
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Shift:
    """Business hours on one weekday (Monday is 0), local time. An end not after its start is on the next day."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class BusinessHours:
    """Weekly hours in a time zone, closed on `closed` days (a shift belongs to the day on which it starts)."""

    zone: ZoneInfo
    shifts: Sequence[Shift]
    closed: frozenset[date] = frozenset()

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the real time within business hours from `start` to `end`; both aware, none for `end` < `start`.

        A night shift lasts an hour more or less when the clocks change in it. Shifts that overlap count once.
        """
        # Two times of one zone would be subtracted as its clocks show them.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        counted_until, total = start, timedelta()
        for opens, closes in self._shifts(start, end):
            begins, ends = max(opens, counted_until), min(closes, end)
            if ends > begins:
                total += ends - begins
                counted_until = ends
        return total

    def _shifts(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the shifts that may touch the time, as UTC instants, by their start."""
        day, last = start.astimezone(self.zone).date() - DAY, end.astimezone(self.zone).date()
        while day <= last:
            if day not in self.closed:
                today = [each for each in self.shifts if each.weekday == day.weekday()]
                yield from sorted((self._at(day, each.start), self._end(day, each)) for each in today)
            day += DAY

    def _end(self, day: date, shift: Shift) -> datetime:
        return self._at(day if shift.end > shift.start else day + DAY, shift.end)

    def _at(self, day: date, at: time) -> datetime:
        # A time that the clocks skip is the instant of the skip's other side; one that comes twice is the first.
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def by_the_clock(start: datetime, end: datetime) -> timedelta:
    return end.astimezone(UTC) - start.astimezone(UTC)


class Timetable:
    """The business hours of some years, laid out once: measures a million jobs in two look-ups each.

    As `BusinessHours.between`, for times within the years; what lies outside of them counts as closed.
    """

    def __init__(self, hours: BusinessHours, first: datetime, last: datetime) -> None:
        self._first, self._last = first, last
        self._opens: list[datetime] = []
        self._closes: list[datetime] = []
        self._before: list[timedelta] = []  # business time before each span opens
        total = timedelta()
        for opens, closes in _merged(hours._shifts(first, last)):
            self._opens.append(opens)
            self._closes.append(closes)
            self._before.append(total)
            total += closes - opens

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the business time from `start` to `end`; none for `end` < `start`."""
        return max(self._until(end) - self._until(start), timedelta())

    def _until(self, at: datetime) -> timedelta:
        at = min(max(at.astimezone(UTC), self._first), self._last)
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return timedelta()
        return self._before[index] + min(at, self._closes[index]) - self._opens[index]


def _merged(spans: Iterator[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Join spans that touch or overlap, which come by their start; leave out those that the clocks skip."""
    current: tuple[datetime, datetime] | None = None
    for opens, closes in spans:
        if closes <= opens:
            continue
        if current and opens <= current[1]:
            current = current[0], max(current[1], closes)
            continue
        if current:
            yield current
        current = opens, closes
    if current:
        yield current


@lru_cache(maxsize=16)
def timetable(hours: BusinessHours, *, first_year: int, last_year: int) -> Timetable:
    """Return the hours from the start of one year to the end of another, as far as any are counted.

    `hours.shifts` must be a tuple here, so that the result can be remembered.
    """
    first, last = (min(max(year, FIRST_YEAR), LAST_YEAR) for year in (first_year, last_year))
    return Timetable(hours, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
