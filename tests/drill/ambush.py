"""Harm at the worst moment: the caller is killed or stopped while its very request is with a simulator."""

import asyncio
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.door import CONTROL_PREFIX, TRANSPORT

Spring = Callable[[int], None]
GRAPHQL_READ = "PortalScenarioSession"
LONGEST_HOLD = 1.0


@dataclass(frozen=True)
class Trap:
    """What happens to the caller of the next request. `spring` gets the local port of the caller's connection.

    `moment`: "arrived" (before the request is carried out, which it is), "carried out" (before the answer leaves),
    "answered" (`delay` seconds after the answer left) or "lost" (it never reaches the application).
    """

    moment: str
    writes: bool
    spring: Spring
    delay: float = 0.0


@dataclass
class Ambush:
    """Stands before a simulator's application."""

    app: ASGIApp
    _traps: deque[Trap] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lay(self, trap: Trap) -> None:
        with self._lock:
            self._traps.append(trap)

    def clear(self) -> None:
        with self._lock:
            self._traps.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        trap = self._take(scope)
        if trap is None:
            await self.app(scope, receive, send)
        else:
            await _MOMENTS[trap.moment](self.app, trap, (scope, receive, send))

    def _take(self, scope: Scope) -> Trap | None:
        if not self._traps or scope["path"].startswith(CONTROL_PREFIX):
            return None
        with self._lock:
            if self._traps and self._traps[0].writes <= (scope["method"] not in ("GET", "HEAD")):
                return self._traps.popleft()
        return None


Call = tuple[Scope, Receive, Send]


async def _arrived(app: ASGIApp, trap: Trap, call: Call) -> None:
    trap.spring(call[0]["client"][1])
    await app(*call)


async def _carried_out(app: ASGIApp, trap: Trap, call: Call) -> None:
    scope, receive, send = call
    answer = Held(send)
    await app(scope, receive, answer.keep)
    trap.spring(scope["client"][1])
    await answer.release()


async def _answered(app: ASGIApp, trap: Trap, call: Call) -> None:
    await app(*call)
    await asyncio.sleep(trap.delay)
    trap.spring(call[0]["client"][1])


async def _lost(app: ASGIApp, trap: Trap, call: Call) -> None:
    trap.spring(call[0]["client"][1])
    call[0][TRANSPORT].abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the server learns of it before we return without an answer


_MOMENTS = {"arrived": _arrived, "carried out": _carried_out, "answered": _answered, "lost": _lost}


class Held:
    """An answer that does not leave yet."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[Message] = []

    async def keep(self, message: Message) -> None:
        self._messages.append(message)

    async def release(self) -> None:
        for message in self._messages:
            await self._send(message)


class Changing(Protocol):
    """Whoever may change an object of the CMS at any moment."""

    def meddle(self, node: str, *, chance: float) -> bool:
        """Change the object and have it told of, perhaps; False if nothing was done."""

    def is_told(self, node: str) -> bool:
        """Say whether a webhook about the object's last change was acknowledged."""


@dataclass
class Meddler:
    """Changes an object after the CMS has read it for an answer, and before that answer leaves: the reader gets what
    is old already, and a webhook in the middle of its fetch."""

    app: ASGIApp
    changing: Changing
    dice: random.Random
    meddled: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await whole(receive) if scope["method"] == "POST" else b""
        node, answer = self._node(body), Held(send)
        await self.app(scope, again(body) if body else receive, answer.keep)
        if node and self.changing.meddle(node, chance=self.dice.random()):
            self.meddled += 1
            await self._let_it_be_told(node)
        await answer.release()

    async def _let_it_be_told(self, node: str) -> None:
        """Hold the answer until the webhook was acknowledged and, mostly, understood."""
        deadline = time.monotonic() + LONGEST_HOLD
        while time.monotonic() < deadline and not self.changing.is_told(node):
            await asyncio.sleep(0.05)
        await asyncio.sleep(self.dice.uniform(0.05, 0.5))

    def _node(self, body: bytes) -> str:
        if GRAPHQL_READ.encode() not in body:
            return ""
        return str(json.loads(body).get("variables", {}).get("id", ""))


async def whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
