"""The database's clock, so that leases claimed on several machines compare."""

import threading
import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

RESYNC_SECONDS = 30.0
_local = threading.local()


def now() -> datetime:
    """Return the database's time, UTC. One query per thread each 30 s; between them a monotonic clock runs on."""
    if connection.vendor == "sqlite":
        return timezone.now()
    at = time.monotonic()
    synced: tuple[float, datetime] | None = getattr(_local, "synced", None)
    if synced is None or at - synced[0] > RESYNC_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            synced = (time.monotonic(), cursor.fetchone()[0])
        _local.synced = synced
        at = synced[0]
    return synced[1] + timedelta(seconds=at - synced[0])
