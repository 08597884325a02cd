"""Cron expressions in a time zone: what is wrong with one, and when it comes next. Pure."""

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

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
