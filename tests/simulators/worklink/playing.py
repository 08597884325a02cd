"""Notifications at a steady rate: the load of benches and drills."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread


class Player:
    """Calls `notify(node, verb)` on a schedule that does not slip when one call is slow."""

    def __init__(self, notify: Callable[[str, str], None]) -> None:
        self._notify = notify
        self._waiting: deque[str] = deque()
        self._lock = Lock()

    def play(self, nodes: list[str], rate: float, verb: str) -> None:
        if rate <= 0:
            raise ValueError(f"a rate must be above 0, not {rate}")
        self.rest()
        with self._lock:
            self._waiting = waiting = deque(nodes)
        Thread(target=self._run, args=(waiting, rate, verb), name="player", daemon=True).start()

    def rest(self) -> int:
        with self._lock:
            left = len(self._waiting)
            self._waiting.clear()
        return left

    def _run(self, waiting: deque[str], rate: float, verb: str) -> None:
        due = time.monotonic()
        while (node := self._next(waiting)) is not None:
            time.sleep(max(0.0, due - time.monotonic()))
            self._notify(node, verb)
            due += 1 / rate

    def _next(self, waiting: deque[str]) -> str | None:
        with self._lock:
            return waiting.popleft() if waiting else None
