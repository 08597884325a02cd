"""Pushes of a simulated platform, by websocket and by webhook, and what may go wrong with them."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import RLock
from typing import Any

HALF_OPEN = object()


@dataclass(eq=False)
class Socket:
    """An open websocket: what waits to be sent is in its queue; an int in it closes it with that code."""

    endpoint: str
    types: frozenset[str]
    scope: str
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[Any]"
    transport: Any
    dead: bool = False

    def put(self, what: Any) -> None:
        if not self.dead:
            self.loop.call_soon_threadsafe(self.queue.put_nowait, what)

    def abort(self) -> None:
        self.loop.call_soon_threadsafe(self.queue.put_nowait, None)
        self.loop.call_soon_threadsafe(self.transport.abort)

    def die_silently(self) -> None:
        """Neither send nor read any more, and say nothing: the peer still believes in the connection."""
        self.dead = True
        self.loop.call_soon_threadsafe(self.transport.pause_reading)


@dataclass
class Faults:
    """How many of the next events are not pushed, pushed twice, or pushed after the one that follows them."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay: float = 0.0
    refuse: int = 0


@dataclass(frozen=True)
class Push:
    """One event on its way: to whom, and its text."""

    event: dict[str, Any]
    sockets: tuple[Socket, ...]
    hooks: tuple[tuple[str, str], ...]


class Pushing:
    def __init__(self) -> None:
        self.lock = RLock()
        self.sockets: list[Socket] = []
        self.opened: list[str] = []
        self.answers: list[int] = []
        self.faults = Faults()
        self._held: list[Push] = []
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="omni-pushes")

    def send(self, push: Push) -> None:
        """Push one event as the faults will have it."""
        with self.lock:
            faults = self.faults
            if faults.drop:
                faults.drop -= 1
                return
            if faults.reorder:
                faults.reorder -= 1
                self._held.append(push)
                return
            times = 1 + bool(faults.duplicate)
            faults.duplicate -= times - 1
            held, self._held = self._held, []
            for each in [push] * times + held:
                self._sender.submit(self._deliver, each, faults.delay)

    def _deliver(self, push: Push, delay: float) -> None:
        time.sleep(delay)
        text = json.dumps(push.event)
        for socket in push.sockets:
            socket.put(text)
        for url, method in push.hooks:
            self.answers.append(_post(url, method, text))

    def close(self, *, code: int = 1012, endpoints: Iterable[str] | None = None) -> None:
        named = None if endpoints is None else set(endpoints)
        with self.lock:
            for socket in self.sockets:
                if named is None or socket.endpoint in named:
                    socket.put(code)

    def half_open(self) -> int:
        with self.lock:
            for socket in self.sockets:
                socket.die_silently()
            return len(self.sockets)

    def settle(self) -> None:
        """Wait until everything that was handed over has been delivered."""
        self._sender.submit(lambda: None).result()

    def reset(self) -> None:
        self.settle()
        with self.lock:
            for socket in self.sockets:
                socket.abort()
            self.sockets.clear()
        self.faults, self._held = Faults(), []
        self.opened.clear()
        self.answers.clear()

    def stop(self) -> None:
        self._sender.shutdown(wait=False, cancel_futures=True)


def _post(url: str, method: str, text: str) -> int:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(url, data=text.encode(), method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
