"""Business hours as an administrator writes them: `Mon-Fri 08:00-17:00`, one line each, and closed days. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time

from django.utils.translation import gettext as _

from integrations.analytics.hours import Shift

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_LINES, MOST_CLOSED = 50, 1_000
_LINE = re.compile(r"(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))? +(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


def shifts_of(lines: Iterable[object]) -> list[Shift]:
    """Return the shifts of lines such as `Mon-Fri 08:00-17:00`; an end not after its start is on the next day.

    :raises ValueError: naming the line, and how it is written
    """
    return [shift for line in lines for shift in _shifts(line)]


def closed_of(lines: Iterable[object]) -> frozenset[date]:
    """Return the days of lines such as `2026-12-25`. :raises ValueError: naming the line"""
    return frozenset(_day(line) for line in lines)


def _day(line: object) -> date:
    try:
        return date.fromisoformat(line if isinstance(line, str) else "")
    except ValueError:
        raise ValueError(_("“{line}” is not a day; write it like 2026-12-25.").format(line=line)) from None


def _shifts(line: object) -> Iterator[Shift]:
    found = _LINE.fullmatch(line.strip()) if isinstance(line, str) else None
    names = [each.title() for each in (found["first"], found["last"] or found["first"])] if found else []
    if not found or any(name not in DAYS for name in names):
        raise _unreadable(line)
    first, last = (DAYS.index(name) for name in names)
    start, end = (_time(found[name], line) for name in ("start", "end"))
    for number in range((last - first) % 7 + 1):
        yield Shift((first + number) % 7, start, end)


def _time(text: str, line: object) -> time:
    try:
        return time.fromisoformat("00:00" if text == "24:00" else text)
    except ValueError:
        raise _unreadable(line) from None


def _unreadable(line: object) -> ValueError:
    return ValueError(_("“{line}” is no shift; write it like Mon-Fri 08:00-17:00.").format(line=line))
