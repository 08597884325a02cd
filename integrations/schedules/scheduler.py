"""Celery's scheduler, which also says that it is alive."""

import logging
import time
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, connection

from integrations.schedules.jobs import beat

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0


class HeartbeatScheduler(Scheduler):  # type: ignore[misc]  # celery has no types
    """Writes its heartbeat straight to the database, so that a broker that is down does not hide it."""

    max_interval = 5
    _beaten_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() - self._beaten_at >= BEAT_SECONDS:
            self._beaten_at = time.monotonic()
            try:
                beat("scheduler")
            except DatabaseError:
                logger.warning("no heartbeat: the database does not answer")
                connection.close()
        return super().tick(*args, **kwargs)
