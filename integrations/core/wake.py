"""Hints to workers: "there is work". The broker keeps no truth, so a lost hint costs one sweep, never a row."""

import logging
import math
import time
from collections.abc import Iterable
from datetime import datetime
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


def broker() -> Redis:
    """Return this process's line to the broker, for what may be lost."""
    return _broker.redis


def wake(task: str, *, countdown: float = 0.0) -> None:
    """Tell one worker, after the commit, that `task` has work; at most one hint of a name is queued at a time.

    With a countdown (seconds, 60 at most) the hint is for a row that is due then, and one more of the name: there is at
    most one for each second, at its end, for all rows that are due within it. Longer waits are the sweep's.
    Never raises: a broker that is down must not undo a commit.
    """
    if countdown > LONGEST_COUNTDOWN:
        return
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: _send(task, countdown))
    else:  # on_commit() would open a database session in threads that have none
        _send(task, countdown)


def wake_at(task: str, times: Iterable[datetime], *, now: datetime) -> None:
    """As `wake`, for rows that are due at these times: one hint for those due by `now`, one for each later second."""
    waits = (max((each - now).total_seconds(), 0.0) for each in times)
    clock = time.time()
    for wait in {wait and int(clock + wait): wait for wait in waits}.values():
        wake(task, countdown=wait)


def announce(channel: str, message: str) -> None:
    """Tell whoever listens to `channel_name(channel)`, after the commit. Never raises; nobody may rely on it."""
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: _announce(channel, message))
    else:
        _announce(channel, message)


def _announce(channel: str, message: str) -> None:
    if time.monotonic() < _broker.broken_until:
        return
    try:
        _broker.redis.publish(channel_name(channel), message)
    except (RedisError, OSError) as error:
        _broker.broken_until = time.monotonic() + BROKEN_SECONDS
        logger.warning("nothing announced on %s: %s", channel, type(error).__name__)


def channel_name(channel: str) -> str:
    """Return what a channel is called in the broker, which several installations may share."""
    return _prefix() + channel


def awake(task: str) -> None:
    """Free the slot of `task`, before its worker looks for rows: what commits from here on is hinted again."""
    try:
        _broker.redis.delete(_slot(task))
    except RedisError:
        logger.debug("wake slot of %s not freed: broker down", task)


def _send(task: str, countdown: float) -> None:
    if time.monotonic() < _broker.broken_until:
        return
    slot, wait = _slot(task), None
    if countdown > 0:
        now = time.time()
        ends = int(now + countdown) + 1
        slot, wait = f"{slot}:{ends}", ends - now
    try:
        if _broker.redis.set(slot, 1, nx=True, ex=math.ceil(wait or 0) + SLOT_SECONDS):
            current_app.send_task(task, countdown=wait, ignore_result=True, retry=False)
    except (RedisError, OperationalError, OSError) as error:
        _broker.broken_until = time.monotonic() + BROKEN_SECONDS
        logger.warning("no hint for %s: %s; the sweep will find the work", task, type(error).__name__)


def _slot(task: str) -> str:
    return f"{_prefix()}wake:{task}"


def _prefix() -> str:
    return str(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", ""))
