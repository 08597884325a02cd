"""Threads that requests are answered in."""

import asyncio
import threading

from asgiref.sync import sync_to_async

from portal.threads import MOST_IDLE, Threads


async def _thread_of_a_request(threads: Threads, *, together: asyncio.Barrier | None = None) -> int:
    async with threads.lent():
        ident = await sync_to_async(threading.get_ident)()
        if together:
            await together.wait()
        return ident


def test_one_request_after_the_other_is_answered_in_the_same_thread() -> None:
    threads = Threads()

    async def answered() -> set[int]:
        return {await _thread_of_a_request(threads) for _ in range(3)}

    assert len(asyncio.run(answered())) == 1
    threads.close()


def test_requests_at_once_have_a_thread_each_and_few_are_kept() -> None:
    threads, count = Threads(), MOST_IDLE + 3

    async def answered() -> list[int]:
        together = asyncio.Barrier(count)
        return await asyncio.gather(*(_thread_of_a_request(threads, together=together) for _ in range(count)))

    assert len(set(asyncio.run(answered()))) == count
    assert threads.idle == MOST_IDLE
    threads.close()
    assert threads.idle == 0
