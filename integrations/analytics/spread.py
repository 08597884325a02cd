"""How times are kept for figures over a million of them: in narrow classes, few of which are read again. Pure."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta

HOUR, DAY = 3600.0, 86400.0
# Where the chart and its table count how many jobs were resolved within; each is the end of a class.
STEPS = tuple(each * HOUR for each in (1, 2, 4, 8)) + tuple(each * DAY for each in (1, 2, 4, 7, 14, 28))
_FIRST, _LONGEST, _GROWTH = 60.0, 3650 * DAY, 1.01


def _edges() -> Iterator[float]:
    at = _FIRST
    while at < _LONGEST:
        yield at
        at *= _GROWTH


EDGES = sorted({*_edges(), *STEPS})


def bucket_of(seconds: float) -> int:
    """Return the number of the class of a time: more than the edge before, at most its own."""
    return bisect_left(EDGES, seconds)


def median_ranks(count: int) -> tuple[int, int]:
    """Return the two places, from 0, whose mean is the median of so many sorted values."""
    return (count - 1) // 2, count // 2


def p90_ranks(count: int) -> tuple[int, int, int]:
    """Return the two places between which 90 % lie, and the tenths of the way: as PostgreSQL's `percentile_cont`."""
    place, tenths = divmod(9 * (count - 1), 10)
    return place, min(place + 1, count - 1), tenths


def between(low: float, high: float, *, tenths: int) -> float:
    return (low * (10 - tenths) + high * tenths) / 10


def shown_step(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
