"""One open websocket: what waits for it, and how it ends."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from integrations.events.sockets.admission import Admitted
from integrations.events.sockets.tail import Frame

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_WAITING, MOST_BYTES = 1000, 8 * 1024 * 1024
CLOSE_SECONDS = 10.0
SLOW = 1013


class Socket:
    """A consumer with a bounded queue. Nothing of it may hold up the hub, so `put` and `end` never wait."""

    __slots__ = ("_bytes", "_end", "_pump", "_send", "_waiting", "admitted", "place")

    def __init__(self, send: Send, admitted: Admitted) -> None:
        self.admitted, self.place = admitted, admitted.place
        self._send = send
        self._waiting: deque[Frame] = deque()
        self._bytes = 0
        self._pump: asyncio.Task[None] | None = None
        self._end: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        return self._end is not None

    def put(self, frame: Frame) -> None:
        """Queue an event that its endpoint gets; what it has had already is passed over."""
        if frame.seq <= self.place or self._end is not None:
            return
        self.place = frame.seq
        self._waiting.append(frame)
        self._bytes += frame.size
        if len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES:
            self.end(SLOW, "slow consumer")
        elif self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._drain())

    async def send(self, frame: Frame) -> None:
        """Send at once, as slowly as the other side reads: for what comes from the log and not from the queue."""
        text = frame.text_with_cursor if self.admitted.cursors else frame.text
        await self._send({"type": "websocket.send", "text": text})

    def end(self, code: int, reason: str) -> None:
        """Close it, once; what waits is dropped."""
        if self._end is None:
            self._waiting.clear()
            self._end = asyncio.get_running_loop().create_task(self._close(code, reason))

    async def _drain(self) -> None:
        try:
            while self._waiting:
                frame = self._waiting.popleft()
                self._bytes -= frame.size
                await self.send(frame)
        except OSError:  # the client is gone; who listens to it hears so, too
            self._waiting.clear()
        finally:
            self._pump = None

    async def _close(self, code: int, reason: str) -> None:
        if self._pump is not None:
            self._pump.cancel()
        with suppress(OSError, TimeoutError):
            closing = self._send({"type": "websocket.close", "code": code, "reason": reason})
            await asyncio.wait_for(closing, CLOSE_SECONDS)
