"""How long it took: by the clock, or within business hours of a place, over both changes of its clocks. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


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
