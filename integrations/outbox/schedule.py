"""When a failed delivery is tried again, and when it no longer holds up those behind it. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAITS = (1.0, 5.0, 30.0, 120.0, 600.0)
LATER_WAIT = 1_800.0
JITTER = 0.2
TRIED_FOR = timedelta(hours=24)
BLOCKS_FOR = timedelta(seconds=120)
LONGEST_ASKED = 3_600.0
SUSPENDED_AFTER = 20
PROBE_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class NextTry:
    """`aside`: it comes too late for those behind to wait for it."""

    at: datetime
    aside: bool


def next_try(
    *,
    tries: int,
    first_tried_at: datetime,
    now: datetime,
    asked: float | None = None,
    uniform: Callable[[float, float], float] = random.uniform,
) -> NextTry | None:
    """Return when to try again after `tries` failed ones; None once it has been tried for a day.

    `asked`: seconds that the receiver asked for (Retry-After), an hour of them at most.
    """
    wait = FIRST_WAITS[tries - 1] if tries <= len(FIRST_WAITS) else LATER_WAIT
    wait *= uniform(1 - JITTER, 1 + JITTER)
    at = now + timedelta(seconds=max(wait, min(asked or 0.0, LONGEST_ASKED)))
    if at > first_tried_at + TRIED_FOR:
        return None
    return NextTry(at=at, aside=at > first_tried_at + BLOCKS_FOR)
