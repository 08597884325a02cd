"""Limits over all workers, in Redis: one script takes tokens of the bucket and a slot.

Every key ends by itself, so that a killed worker frees what it held. At high rates a worker takes tokens for some
milliseconds at once, and keeps its slot between two requests where most are free: then most requests ask nothing.
"""

import itertools
import os
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from integrations.connections.limit_words import HOLD_REASON, Busy, Granted, Limit, concurrency_reason, rate_reason

BATCH_SECONDS = 0.05
BATCH_KEPT_SECONDS = 0.5
KEEPING_FROM = 16
KEPT_SECONDS = 1.0
MARGIN_SECONDS = 3.0

# Token bucket as a "theoretical arrival time" (GCRA), in milliseconds of the server's clock; slots are a sorted set of
# holders by the time at which they end. Answers {tokens, wait, slots in use}; tokens 0: rate or hold, -1: no slot.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local interval, wanted, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local concurrency, holder, held = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local hold = redis.call('PTTL', KEYS[3])
if hold > 0 then return {-2, hold, 0} end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local used = redis.call('ZCARD', KEYS[2])
if not redis.call('ZSCORE', KEYS[2], holder) then
  if used >= concurrency then return {-1, 0, used} end
  used = used + 1
end
local burst = math.max(1000, interval)
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = arrival + wanted * interval - now - burst
if wait > 0 and wanted > 1 then
  wanted = 1
  wait = arrival + interval - now - burst
end
wait = math.max(wait, 0)
if wait > longest then return {0, math.ceil(wait), used} end
arrival = arrival + wanted * interval
redis.call('SET', KEYS[1], string.format('%.3f', arrival), 'PX', math.ceil(arrival - now) + 1000)
redis.call('ZADD', KEYS[2], now + wait + held, holder)
redis.call('PEXPIRE', KEYS[2], math.ceil(wait + held) + 1000)
return {wanted, math.ceil(wait), used}
"""


@dataclass(frozen=True)
class _Slot:
    """One holder in the set; up to `until` (monotonic) a request of full length fits into it."""

    holder: str
    until: float


@dataclass
class _Kept:
    """What this process holds of one connection: tokens not yet used, and slots between two requests."""

    tokens: int = 0
    tokens_until: float = 0.0
    slots: list[_Slot] = field(default_factory=list)

    def take(self, *, now: float) -> tuple[_Slot | None, bool]:
        """Take a slot, and a token if the slot still has time for a request."""
        slot = self.slots.pop() if self.slots else None
        good = slot is not None and slot.until > now and self.tokens > 0 and self.tokens_until > now
        self.tokens -= good
        return slot, good


class _Process:
    def __init__(self) -> None:
        self.name = os.urandom(6).hex()
        self.numbers = itertools.count()
        self.lock = threading.Lock()
        self.kept: dict[int, _Kept] = {}
        self.redis: Redis | None = None
        self.script: Any = None

    def connected(self) -> Redis:
        if self.redis is None:
            self.redis = Redis.from_url(
                settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
            )
            self.script = self.redis.register_script(_SCRIPT)
        return self.redis

    reset = __init__


_process = _Process()
# A forked worker must not use its parent's slots.
os.register_at_fork(after_in_child=_process.reset)


def ask(limit: Limit, *, seconds: float, longest_wait: float) -> Granted | Busy:
    """Ask for a slot and a token. :raises RedisError: if the broker does not answer"""
    with _process.lock:
        slot, good = _process.kept.setdefault(limit.connection_id, _Kept()).take(now=time.monotonic())
    if slot and good:
        return Granted(partial(_keep, limit, slot))
    holder = slot.holder if slot else f"{_process.name}:{next(_process.numbers)}"
    tokens, wait, used = _run(limit, holder, seconds=seconds, longest_wait=longest_wait)
    if tokens == -1:
        return Busy(concurrency_reason(limit))
    if tokens <= 0:
        return Busy(HOLD_REASON if tokens == -2 else rate_reason(limit), wait=wait / 1000)
    _keep_tokens(limit, tokens - 1)
    plenty = limit.concurrency >= KEEPING_FROM and used * 2 <= limit.concurrency
    slot = _Slot(holder, time.monotonic() + wait / 1000 + KEPT_SECONDS)
    return Granted(partial(_keep if plenty else _free, limit, slot), wait=wait / 1000)


def _run(limit: Limit, holder: str, *, seconds: float, longest_wait: float) -> tuple[int, int, int]:
    redis = _process.connected()
    held = seconds + KEPT_SECONDS + MARGIN_SECONDS
    batch = max(1, int(limit.rate * BATCH_SECONDS))
    arguments = [1000 / limit.rate, batch, longest_wait * 1000, limit.concurrency, holder, held * 1000]
    answer = _process.script(keys=_keys(limit), args=arguments, client=redis)
    return cast(tuple[int, int, int], tuple(answer))


def _keep_tokens(limit: Limit, tokens: int) -> None:
    if tokens > 0:
        with _process.lock:
            kept = _process.kept.setdefault(limit.connection_id, _Kept())
            kept.tokens, kept.tokens_until = tokens, time.monotonic() + BATCH_KEPT_SECONDS


def _keep(limit: Limit, slot: _Slot) -> None:
    """Keep the slot for the next request, without telling the broker; unused, it ends by itself."""
    with _process.lock:
        _process.kept.setdefault(limit.connection_id, _Kept()).slots.append(slot)


def _free(limit: Limit, slot: _Slot) -> None:
    _process.connected().zrem(_keys(limit)[1], slot.holder)


def hold(limit: Limit, *, seconds: float) -> None:
    """Refuse everyone for a while. :raises RedisError: if the broker does not answer"""
    with _process.lock:
        _process.kept.pop(limit.connection_id, None)
    _process.connected().set(_keys(limit)[2], 1, px=max(int(seconds * 1000), 1))


def _keys(limit: Limit) -> list[str]:
    return [key_of(limit.connection_id, name) for name in ("rate", "slots", "hold")]


def key_of(connection_id: int, name: str) -> str:
    """Return the broker's key for something counted of a connection."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    return f"{prefix}limit:{connection_id}:{name}"


def connected() -> Redis:
    """Return this process's client of the broker."""
    return _process.connected()
