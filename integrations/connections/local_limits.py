"""Limits within this process: what is left while the broker is down."""

import os
import threading
import time
from dataclasses import dataclass, field
from functools import partial

from integrations.connections.limit_words import HOLD_REASON, Busy, Granted, Limit, concurrency_reason, rate_reason


@dataclass
class _Bucket:
    arrival: float = 0.0
    used: int = 0
    held_until: float = 0.0


@dataclass
class _Buckets:
    lock: threading.Lock = field(default_factory=threading.Lock)
    of: dict[int, _Bucket] = field(default_factory=dict)

    def get(self, limit: Limit) -> _Bucket:
        return self.of.setdefault(limit.connection_id, _Bucket())


_buckets = _Buckets()


def ask(limit: Limit, *, longest_wait: float) -> Granted | Busy:
    """Ask for a slot and a token of this process."""
    with _buckets.lock:
        bucket, now = _buckets.get(limit), time.monotonic()
        if bucket.held_until > now:
            return Busy(HOLD_REASON, wait=bucket.held_until - now)
        if bucket.used >= limit.concurrency:
            return Busy(concurrency_reason(limit))
        interval = 1 / limit.rate
        arrival = max(bucket.arrival, now) + interval
        wait = max(arrival - now - max(1.0, interval), 0.0)
        if wait > longest_wait:
            return Busy(rate_reason(limit), wait=wait)
        bucket.arrival, bucket.used = arrival, bucket.used + 1
        return Granted(partial(_leave, bucket), wait=wait)


def _leave(bucket: _Bucket) -> None:
    with _buckets.lock:
        bucket.used -= 1


def hold(limit: Limit, *, seconds: float) -> None:
    with _buckets.lock:
        _buckets.get(limit).held_until = time.monotonic() + seconds


def forget() -> None:
    """Start anew, as a forked worker does: what its parent holds is not its own."""
    _buckets.lock = threading.Lock()
    _buckets.of.clear()


os.register_at_fork(after_in_child=forget)
