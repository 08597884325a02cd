"""A day's quota of a connection, its last share kept for what writes need.

Counted by the hour over the last 24, for all workers together while the broker answers, else over this process. Where
the other system tells in a header how much is used, by others too, that figure counts if it is higher.
"""

import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from integrations.connections import limits, shared_limits
from integrations.core.errors import TransientError

if TYPE_CHECKING:
    from integrations.connections.models import Connection

HOURS = 24
HOUR_SECONDS = 3600
# What the other system told is believed for so long; then a request asks anew.
TOLD_SECONDS = 300
ASK_AGAIN_SECONDS = 300.0
_USAGE = re.compile(r"(\d{1,12})\s*/\s*(\d{1,12})")


@dataclass
class _Local:
    """This process's count: requests by hour since the epoch, and what was told last."""

    hours: dict[int, int] = field(default_factory=dict)
    told: int = 0
    told_until: float = 0.0

    def used(self, *, now: float) -> int:
        """Return the requests of the last 24 hours."""
        self.hours = _recent(self.hours, now=now)
        return max(sum(self.hours.values()), self.told if now < self.told_until else 0)


@dataclass
class _Counts:
    lock: threading.Lock = field(default_factory=threading.Lock)
    of: dict[int, _Local] = field(default_factory=dict)


_counts = _Counts()


def take(connection: "Connection", *, reserved: bool) -> None:
    """Count one request. `reserved`: it may use the share that is kept for writes.

    :raises TransientError: if what it may use of the day's quota is used up; then it is not counted
    """
    if not connection.daily_quota:
        return
    kept = 0 if reserved else connection.daily_quota * connection.reserved_percent // 100
    allowed = connection.daily_quota - kept
    if _taken(connection.pk, allowed=allowed, now=time.time()):
        return
    share = f", and the last {connection.reserved_percent} % are kept for writes" if kept else ""
    raise TransientError(
        f"{connection} makes at most {connection.daily_quota} requests in 24 hours{share}. It will be tried again.",
        retry_after=ASK_AGAIN_SECONDS,
    )


def note(connection: "Connection", headers: Mapping[str, str]) -> None:
    """Remember what an answer tells of the usage, such as `api-usage=18/5000`."""
    if not connection.daily_quota or not connection.quota_header:
        return
    told = _USAGE.search(headers.get(connection.quota_header, ""))
    if told is None:
        return
    with _counts.lock:
        local = _counts.of.setdefault(connection.pk, _Local())
        local.told, local.told_until = int(told[1]), time.time() + TOLD_SECONDS
    if limits.is_broker_there():
        try:
            key = shared_limits.key_of(connection.pk, "told")
            shared_limits.connected().set(key, int(told[1]), ex=TOLD_SECONDS)
        except RedisError:
            limits.note_broker_broken()


def _taken(connection_id: int, *, allowed: int, now: float) -> bool:
    if limits.is_broker_there():
        try:
            return _taken_from_all(connection_id, allowed=allowed, now=now)
        except RedisError:
            limits.note_broker_broken()
    with _counts.lock:
        local = _counts.of.setdefault(connection_id, _Local())
        if local.used(now=now) >= allowed:
            return False
        hour = int(now // HOUR_SECONDS)
        local.hours[hour] = local.hours.get(hour, 0) + 1
        return True


def _taken_from_all(connection_id: int, *, allowed: int, now: float) -> bool:
    """Count first and look then, so that two workers cannot both take the last one."""
    redis, hour = shared_limits.connected(), int(now // HOUR_SECONDS)
    day, told = (shared_limits.key_of(connection_id, name) for name in ("day", "told"))
    asked = redis.pipeline(transaction=True)
    asked.hincrby(day, str(hour), 1)
    asked.expire(day, (HOURS + 1) * HOUR_SECONDS)
    asked.hgetall(day)
    asked.get(told)
    _count, _expires, by_hour, usage = asked.execute()
    hours = {int(name): int(count) for name, count in by_hour.items()}
    recent = _recent(hours, now=now)
    if gone := [str(each) for each in hours.keys() - recent.keys()]:
        redis.hdel(day, *gone)
    if max(sum(recent.values()) - 1, int(usage or 0)) < allowed:
        return True
    redis.hincrby(day, str(hour), -1)
    return False


def _recent(hours: Mapping[int, int], *, now: float) -> dict[int, int]:
    first = int(now // HOUR_SECONDS) - HOURS + 1
    return {hour: count for hour, count in hours.items() if hour >= first}


def forget() -> None:
    """Start anew, as a forked worker does."""
    _counts.lock = threading.Lock()
    _counts.of.clear()


os.register_at_fork(after_in_child=forget)
