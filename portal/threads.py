"""Threads in which Django answers requests: lent to one request at a time, kept with their database sessions.

Django's own handler makes a thread for each request and, as a session belongs to its thread, a session of the database:
on PostgreSQL half of what a small request costs.
"""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from asgiref.sync import ThreadSensitiveContext
from django.core.signals import request_started
from django.db import connections

from integrations.core.remembered import forget

MOST_IDLE = 8


class Threads:
    """Used from one event loop. There are as many threads as requests at once, and a few are kept when they rest."""

    def __init__(self) -> None:
        self._idle: list[ThreadPoolExecutor] = []

    @property
    def idle(self) -> int:
        return len(self._idle)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """Run what is synchronous within this block in a thread of its own."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                yield
        finally:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(thread)
            else:
                _end(thread, wait=False)

    def close(self) -> None:
        """End the threads that rest, and their sessions."""
        while self._idle:
            _end(self._idle.pop(), wait=True)


def _end(thread: ThreadPoolExecutor, *, wait: bool) -> None:
    thread.submit(connections.close_all)
    thread.shutdown(wait=wait)


def _begin_anew(**_: object) -> None:
    """What the thread remembered for a second was for the request before."""
    forget()


request_started.connect(_begin_anew)
