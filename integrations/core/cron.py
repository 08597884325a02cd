"""Cron expressions in a time zone: what is wrong with one, and when it comes next. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

NEVER = "It never comes: no such date."


def problem_of(expression: str) -> str:
    """Return why this is no cron expression of five fields, as a sentence; empty if it is one."""
    if len(expression.split()) != 5:
        return "A cron expression has five fields: minute, hour, day of the month, month, day of the week."
    try:
        next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f"“{expression}” is not a cron expression: {error}."
    except StopIteration:
        return NEVER
    return ""


def next_times(expression: str, *, zone: str, after: datetime, count: int = 1) -> list[datetime]:
    """Return the next times after `after`, in UTC. Where clocks change, times follow Debian's cron.

    :raises CronSimError: if it is none
    """
    times = CronSim(expression, after.astimezone(ZoneInfo(zone)))
    return [at.astimezone(UTC) for at in islice(times, count)]


def schedule_problems(expression: str, zone: str) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for what cannot be meant by a schedule: `cron` and `time_zone`."""
    if problem := problem_of(expression):
        yield "cron", problem
    if zone not in available_timezones():
        close = get_close_matches(zone, available_timezones(), n=1)
        meant = f"did you mean “{close[0]}”?" if close else "write it as Europe/Paris."
        yield "time_zone", f"“{zone}” is not a time zone; {meant}"
