"""Hints to workers: "there is work". The broker keeps no truth, so a lost hint costs one sweep, never a row."""

import logging
import time
from functools import cached_property

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SLOT_SECONDS = 5
LONGEST_COUNTDOWN = 60.0
BROKEN_SECONDS = 2.0


class _Broker:
    """This process's line to the broker; after a failure nothing is tried for BROKEN_SECONDS."""

    broken_until = 0.0

    @cached_property
    def redis(self) -> Redis:
        return Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=1, socket_timeout=2)


_broker = _Broker()


def wake(task: str, *, countdown: float = 0.0) -> None:
    """Tell one worker, after the commit, that `task` has work; at most one hint of a name is queued at a time.

    With a countdown (seconds, 60 at most) the hint is for a row that is due then; longer waits are the sweep's.
    Never raises: a broker that is down must not undo a commit.
    """
    if countdown <= LONGEST_COUNTDOWN:
        transaction.on_commit(lambda: _send(task, countdown))


def awake(task: str) -> None:
    """Free the slot of `task`, before its worker looks for rows: what commits from here on is hinted again."""
    try:
        _broker.redis.delete(_slot(task))
    except RedisError:
        logger.debug("wake slot of %s not freed: broker down", task)


def _send(task: str, countdown: float) -> None:
    if time.monotonic() < _broker.broken_until:
        return
    slot = _slot(task) if not countdown else f"{_slot(task)}:{int(time.time() + countdown)}"
    try:
        if _broker.redis.set(slot, 1, nx=True, ex=int(countdown) + SLOT_SECONDS):
            current_app.send_task(task, countdown=countdown or None, ignore_result=True, retry=False)
    except (RedisError, OperationalError, OSError) as error:
        _broker.broken_until = time.monotonic() + BROKEN_SECONDS
        logger.warning("no hint for %s: %s; the sweep will find the work", task, type(error).__name__)


def _slot(task: str) -> str:
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    return f"{prefix}wake:{task}"
