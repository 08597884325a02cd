"""The database's clock, so that leases claimed on several machines compare."""

import threading
import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

RESYNC_SECONDS = 30.0
LONGEST_ASKING_SECONDS = 0.2
MOST_ASKED = 5
_local = threading.local()
Synced = tuple[float, datetime]


def now() -> datetime:
    """Return the database's time, UTC. One query per thread each 30 s; between them a monotonic clock runs on.

    It may be ahead by the time that the query took, never behind: a row that was due when it was written is due to
    whoever was woken for it.
    """
    if connection.vendor == "sqlite":
        return timezone.now()
    at = time.monotonic()
    synced: Synced | None = getattr(_local, "synced", None)
    if synced is None or at - synced[0] > RESYNC_SECONDS:
        synced = _local.synced = _ask()
        at = time.monotonic()
    return synced[1] + timedelta(seconds=at - synced[0])


def _ask() -> Synced:
    """Return a time of the database, and the monotonic time before it was asked for.

    Asked again if the answer took long: a process that was stopped in between would be ahead by as much until the next
    time, and take rows whose leases have not ended.
    """
    best: tuple[float, Synced] | None = None
    for _ in range(MOST_ASKED):
        before = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            said: datetime = cursor.fetchone()[0]
        took = time.monotonic() - before
        if best is None or took < best[0]:
            best = took, (before, said)
        if took < LONGEST_ASKING_SECONDS:
            break
    assert best is not None
    return best[1]
