"""When to try again: exponential with full jitter, `Retry-After` honoured, bounded by age. Pure."""

import random
from datetime import datetime, timedelta

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 600.0
LONGEST_ASKED_SECONDS = 3_600.0


def next_try(
    *,
    now: datetime,
    attempts: int,
    retry_after: float | None = None,
    first: float = FIRST_SECONDS,
    longest: float = LONGEST_SECONDS,
) -> datetime:
    """Return the time of the next try after `attempts` tries (1 or more).

    Full jitter spreads the tries of many rows over the window, never under half of `first`. What the other side asked
    for (`retry_after`, seconds, an hour at most) is a floor.
    """
    window = min(longest, first * 2 ** min(attempts - 1, 20))
    seconds = max(first / 2, random.uniform(0, window))  # noqa: S311  jitter, no secret
    if retry_after is not None:
        seconds = max(seconds, min(retry_after, LONGEST_ASKED_SECONDS))
    return now + timedelta(seconds=seconds)


def expired(*, since: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Say whether a row that has failed since `since` has been tried for long enough."""
    return since is not None and now - since > longest
