"""How many sockets an endpoint has, over all web processes.

Counted in the broker; what is lost there counts itself again.
"""

import asyncio
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from integrations.core.wake import broker, channel_name

REFRESH_SECONDS, KEPT_SECONDS = 30.0, 90.0
CHUNK = 500
Member = tuple[str, str]


def _key(endpoint_id: str) -> str:
    return channel_name(f"events:sockets:{endpoint_id}")


def connected(endpoint_id: str) -> int | None:
    """Return how many sockets are open; None while the broker is away."""
    try:
        return int(broker().zcount(_key(endpoint_id), time.time(), math.inf))
    except RedisError:
        return None


class Presence:
    """The sockets of this process as the broker knows them: each a member that has to be renewed."""

    def __init__(self, broker_url: str) -> None:
        self._redis: AsyncRedis = AsyncRedis.from_url(broker_url, socket_connect_timeout=1, socket_timeout=2)
        self._members: set[Member] = set()
        self._task: asyncio.Task[None] | None = None

    async def enter(self, endpoint_id: str, member: str, *, most: int, here: int) -> bool:
        """Count a socket in; False if the endpoint has as many as it may. `here`: those of this process."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._renew())
        key, now = _key(endpoint_id), time.time()
        try:
            async with self._redis.pipeline() as many:
                many.zremrangebyscore(key, -math.inf, now)
                many.zadd(key, {member: now + KEPT_SECONDS})
                many.expire(key, int(KEPT_SECONDS) + 1)
                many.zcard(key)
                count = (await many.execute())[-1]
        except (RedisError, OSError):
            count = here + 1
        self._members.add((endpoint_id, member))
        if count > most:
            await self.leave(endpoint_id, member)
            return False
        return True

    async def leave(self, endpoint_id: str, member: str) -> None:
        self._members.discard((endpoint_id, member))
        with suppress(RedisError, OSError):
            await self._redis.zrem(_key(endpoint_id), member)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with suppress(RedisError, OSError):
            await self._redis.aclose()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            for some in _chunks(list(self._members)):
                with suppress(RedisError, OSError):
                    await self._renew_some(some)

    async def _renew_some(self, members: Iterable[Member]) -> None:
        until = time.time() + KEPT_SECONDS
        async with self._redis.pipeline(transaction=False) as many:
            for endpoint_id, member in members:
                many.zadd(_key(endpoint_id), {member: until})
                many.expire(_key(endpoint_id), int(KEPT_SECONDS) + 1)
            await many.execute()


def _chunks(members: list[Member]) -> Iterator[list[Member]]:
    rest = iter(members)
    while some := list(islice(rest, CHUNK)):
        yield some
