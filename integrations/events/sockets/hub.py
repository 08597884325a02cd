"""The hub of one web process: follows the logs that its sockets belong to, and hands each socket what it gets.

All of it runs in the event loop; the database is read in threads. A nudge from the broker makes it look at once;
without one it looks once a second, so that the broker may be away.
"""

import asyncio
import json
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from integrations.core.wake import channel_name
from integrations.events.services.changing import CHANNEL
from integrations.events.sockets import admission, tail
from integrations.events.sockets.socket import Socket
from integrations.events.sockets.tail import Frame, Reading

logger = logging.getLogger(__name__)

LOOK_SECONDS, RETRY_SECONDS = 1.0, 1.0
RECENT = 500
EXPIRED = "The log no longer holds what follows this place."
DELETED = "This endpoint was deleted."
FORBIDDEN = "The key no longer opens this endpoint."

InThread = Callable[..., Awaitable[Any]]


class _Followed:
    """The log of one workspace as far as this process has handed it on."""

    def __init__(self, place: int) -> None:
        self.place, self.revision = place, ""
        self.sockets: defaultdict[str, set[Socket]] = defaultdict(set)
        self.recent: deque[Frame] = deque(maxlen=RECENT)
        self.recent_from = place
        self.nudge = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def hand_on(self, reading: Reading) -> None:
        for frame in reading.frames:
            if len(self.recent) == RECENT:
                self.recent_from = self.recent[0].seq
            self.recent.append(frame)
            for endpoint in frame.endpoints & self.sockets.keys():
                for socket in self.sockets[endpoint]:
                    socket.put(frame)
        self.place = reading.place

    def catch_up(self, socket: Socket) -> None:
        """Give a socket what was handed on since its place."""
        for frame in self.recent:
            if socket.admitted.endpoint_id in frame.endpoints:
                socket.put(frame)

    def all(self) -> list[Socket]:
        return [socket for sockets in self.sockets.values() for socket in sockets]


class Hub:
    """`live` and `past` call in threads: what follows the logs, and what sockets have missed."""

    def __init__(self, broker_url: str, *, live: InThread, past: InThread) -> None:
        self._broker_url, self._live, self._past = broker_url, live, past
        self._logs: dict[int, _Followed] = {}
        self._listener: asyncio.Task[None] | None = None

    async def follow(self, socket: Socket) -> None:
        """Send what a socket has missed, straight from the log, then let it join what is live: no gap, no repeat."""
        while not socket.ended and not self._join(socket):
            reading = await self._past(tail.read, socket.admitted.workspace_id, socket.place)
            if reading.gap:
                socket.end(4000 + admission.EXPIRED, EXPIRED)
                return
            for frame in reading.frames:
                if socket.admitted.endpoint_id in frame.endpoints:
                    await socket.send(frame)
            socket.place = reading.place
            if reading.place >= reading.last:
                self._log(socket)

    def leave(self, socket: Socket) -> None:
        log = self._logs.get(socket.admitted.workspace_id)
        if log is None:
            return
        sockets = log.sockets.get(socket.admitted.endpoint_id, set())
        sockets.discard(socket)
        if not sockets:
            log.sockets.pop(socket.admitted.endpoint_id, None)

    def count(self, endpoint_id: str, workspace_id: int) -> int:
        log = self._logs.get(workspace_id)
        return len(log.sockets.get(endpoint_id, ())) if log else 0

    async def close(self) -> None:
        tasks = [log.task for log in self._logs.values() if log.task]
        tasks += [self._listener] if self._listener else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._logs.clear()
        self._listener = None

    def _join(self, socket: Socket) -> bool:
        """Let a socket whose place is near enough follow live. In one step of the loop, so nothing comes between."""
        log = self._logs.get(socket.admitted.workspace_id)
        if log is None or socket.place < log.recent_from:
            return False
        log.catch_up(socket)
        log.sockets[socket.admitted.endpoint_id].add(socket)
        return True

    def _log(self, socket: Socket) -> None:
        """Begin to follow the log where this socket stands, if nobody does."""
        workspace_id = socket.admitted.workspace_id
        if workspace_id in self._logs:
            return
        loop = asyncio.get_running_loop()
        log = self._logs[workspace_id] = _Followed(socket.place)
        log.task = loop.create_task(self._follow(workspace_id, log))
        if self._listener is None:
            self._listener = loop.create_task(self._listen())

    async def _follow(self, workspace_id: int, log: _Followed) -> None:
        """Hand on what comes, until the last socket has left."""
        try:
            while log.sockets:
                if not await self._step(workspace_id, log):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(log.nudge.wait(), LOOK_SECONDS)
        except Exception:
            logger.exception("the log of workspace %s is not followed any more", workspace_id)
            for socket in log.all():
                socket.end(1011, "The event service failed. Connect again.")
        finally:
            del self._logs[workspace_id]

    async def _step(self, workspace_id: int, log: _Followed) -> bool:
        """Hand on one batch; say whether there is more at once."""
        log.nudge.clear()
        try:
            reading: Reading = await self._live(tail.read, workspace_id, log.place)
            if reading.revision != log.revision:
                await self._look_again(workspace_id, log)
                log.revision = reading.revision
        except DatabaseError as error:
            logger.warning("the log of workspace %s cannot be read: %s", workspace_id, type(error).__name__)
            return False
        if reading.gap:
            self._end_all(log)
            return False
        log.hand_on(reading)
        # Every socket that can be written to has sent its queue when this returns: what overflows is slow by itself.
        await asyncio.sleep(0)
        return reading.place < reading.last

    def _end_all(self, log: _Followed) -> None:
        for socket in log.all():
            socket.end(4000 + admission.EXPIRED, EXPIRED)
        log.sockets.clear()

    async def _look_again(self, workspace_id: int, log: _Followed) -> None:
        """After a change of endpoints: end the sockets that would not be let in any more."""
        keys = {endpoint: {socket.admitted.key for socket in sockets} for endpoint, sockets in log.sockets.items()}
        refused = await self._live(admission.refused_now, workspace_id, keys)
        for socket in log.all():
            status = refused.get((socket.admitted.endpoint_id, socket.admitted.key))
            if status:
                socket.end(4000 + status, DELETED if status == admission.GONE else FORBIDDEN)

    async def _listen(self) -> None:
        """Hear the nudges of other processes; when the broker is away, try again and again."""
        while True:
            try:
                async with Redis.from_url(self._broker_url, socket_connect_timeout=2) as broker:
                    await self._hear(broker)
            except (RedisError, OSError) as error:
                logger.debug("no nudges for sockets: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _hear(self, broker: "Redis") -> None:
        async with broker.pubsub() as listening:
            await listening.subscribe(channel_name(CHANNEL))
            self._nudge_all()  # what was told before is not heard
            async for message in listening.listen():
                if message["type"] == "message":
                    self._heard(message["data"])

    def _heard(self, message: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError):
            log = self._logs.get(json.loads(message)["workspace"])
            if log is not None:
                log.nudge.set()

    def _nudge_all(self) -> None:
        for log in self._logs.values():
            log.nudge.set()
