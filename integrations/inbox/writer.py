"""One thread per process commits received webhooks in groups: it flushes again as soon as the last flush is back.

A fixed window would halve the rate at low concurrency; waiting for the last flush groups just what there is to do.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Full, Queue

from django.db import InterfaceError, OperationalError, connection

from integrations.core.wake import wake
from integrations.inbox.insertion import Kept, insert

logger = logging.getLogger(__name__)

PROCESS_TASK = "inbox.process"
MOST_WAITING = 5_000
MOST_IN_A_GROUP = 200
STOP_SECONDS = 10.0


class Overloaded(Exception):
    """More requests wait to be written than the process should hold."""


@dataclass
class _Waiting:
    row: Kept
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[None]"


class Writer:
    """Takes rows from the event loop and returns when they are committed."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._ready = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    async def keep(self, row: Kept) -> None:
        """Return once `row` is committed. :raises Overloaded: :raises DatabaseError: if it could not be kept"""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(row, loop, loop.create_future())
        with self._ready:
            if len(self._waiting) >= MOST_WAITING:
                raise Overloaded
            self._waiting.append(waiting)
            self._start()
            self._ready.notify()
        await waiting.done

    def stop(self) -> None:
        """Commit what waits, and end the thread and its database session; a later `keep` starts anew."""
        with self._ready:
            thread, self._stopping = self._thread, self._thread is not None
            self._ready.notify()
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        nudges: Queue[bool] = Queue(maxsize=1)
        threading.Thread(target=_nudge_workers, args=(nudges,), name="inbox-nudge", daemon=True).start()
        while group := self._next_group():
            self._flush(group)
            with suppress(Full):  # the hint that is about to be sent is for these rows too
                nudges.put_nowait(True)
        connection.close()
        with suppress(Full):
            nudges.put(False, timeout=STOP_SECONDS)

    def _next_group(self) -> list[_Waiting]:
        """Wait for rows; none are left when the thread is to end."""
        with self._ready:
            while not (self._waiting or self._stopping):
                self._ready.wait()
            group, self._waiting = self._waiting[:MOST_IN_A_GROUP], self._waiting[MOST_IN_A_GROUP:]
            if not group:
                self._thread, self._stopping = None, False
            return group

    def _flush(self, group: Sequence[_Waiting]) -> None:
        try:
            _insert([waiting.row for waiting in group])
        except Exception as error:  # the edge: every waiting request must get an answer
            if len(group) == 1:
                logger.exception("a webhook could not be kept")
                _settle(group, error)
                return
            for waiting in group:  # one bad row must not take the others with it
                self._flush([waiting])
            return
        _settle(group, None)


def _nudge_workers(nudges: "Queue[bool]") -> None:
    # Apart from the writing thread: a broker that hangs must not delay an answer.
    while nudges.get():
        wake(PROCESS_TASK)


def _insert(rows: list[Kept]) -> None:
    try:
        insert(rows)
    except (OperationalError, InterfaceError):
        connection.close()  # the server went away since the last flush
        insert(rows)


def _settle(group: Sequence[_Waiting], error: Exception | None) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in group:
        by_loop.setdefault(waiting.loop, []).append(waiting)
    for loop, waiters in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, waiters, error)
        except RuntimeError:  # the loop was closed meanwhile: nobody waits for the answer any more
            logger.info("%s requests ended before their answer", len(waiters))


def _resolve(waiters: Sequence[_Waiting], error: Exception | None) -> None:
    for waiting in waiters:
        if waiting.done.done():  # the client hung up
            continue
        if error is None:
            waiting.done.set_result(None)
        else:
            waiting.done.set_exception(error)


writer = Writer()
