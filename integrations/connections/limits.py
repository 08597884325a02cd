"""Rate and concurrency of one connection, over all workers while the broker answers, else over this process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis.exceptions import RedisError

from integrations.connections import local_limits, shared_limits
from integrations.connections.limit_words import Busy, Granted, Limit
from integrations.core.errors import TransientError

LONGEST_WAIT_SECONDS = 3.0
POLL_SECONDS = 0.05
BROKEN_SECONDS = 2.0


@dataclass
class _Broker:
    """Not asked again for a moment after it failed: each try may cost a timeout."""

    broken_until: float = 0.0


_broker = _Broker()


@contextmanager
def slot(limit: Limit, *, seconds: float) -> Iterator[None]:
    """Hold one of the connection's slots for a request of at most `seconds`, waiting a few seconds at most.

    :raises TransientError: if the wait would be longer; `retry_after` says how long
    """
    granted = _enter(limit, seconds=seconds)
    try:
        if granted.wait:
            time.sleep(granted.wait)
        yield
    finally:
        _leave(granted)


def hold(limit: Limit, *, seconds: float) -> None:
    """Let nobody send for a while: the other system asked for it (429, Retry-After)."""
    local_limits.hold(limit, seconds=seconds)
    if not is_broker_there():
        return
    try:
        shared_limits.hold(limit, seconds=seconds)
    except RedisError:
        note_broker_broken()


def is_broker_there() -> bool:
    """Tell whether it makes sense to ask the broker."""
    return time.monotonic() >= _broker.broken_until


def note_broker_broken() -> None:
    _broker.broken_until = time.monotonic() + BROKEN_SECONDS


def _enter(limit: Limit, *, seconds: float) -> Granted:
    ends = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        answer = _ask(limit, seconds=seconds)
        if isinstance(answer, Granted):
            return answer
        if answer.wait > LONGEST_WAIT_SECONDS or time.monotonic() + answer.wait > ends:
            raise TransientError(f"{answer.reason} It will be tried again.", retry_after=max(answer.wait, 1.0))
        time.sleep(answer.wait or POLL_SECONDS)


def _ask(limit: Limit, *, seconds: float) -> Granted | Busy:
    if is_broker_there():
        try:
            return shared_limits.ask(limit, seconds=seconds, longest_wait=LONGEST_WAIT_SECONDS)
        except RedisError:
            note_broker_broken()
    return local_limits.ask(limit, longest_wait=LONGEST_WAIT_SECONDS)


def _leave(granted: Granted) -> None:
    try:
        granted.leave()
    except RedisError:
        note_broker_broken()  # the slot frees itself when its time is up
