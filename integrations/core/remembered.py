"""What a worker may remember from one row to the next: for a second, and not beyond the hint it works on."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

FRESH_SECONDS = 1.0
Value = TypeVar("Value")


class _Memory(threading.local):
    def __init__(self) -> None:
        self.kept: dict[Hashable, tuple[float, Any]] = {}


_memory = _Memory()


def remembered(key: Hashable, load: Callable[[], Value]) -> Value:
    """Return what `load()` gave within the last second, or ask it."""
    kept = _memory.kept.get(key)
    now = time.monotonic()
    if kept is not None and now - kept[0] < FRESH_SECONDS:
        value: Value = kept[1]
        return value
    value = load()
    _memory.kept[key] = (now, value)
    return value


def forget() -> None:
    """Start anew."""
    _memory.kept.clear()
