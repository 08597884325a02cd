"""The pump of one worker process: holds lanes, sends in threads, writes down in batches.

One thread has the database; the senders have none. So a receiver that hangs costs a sleeping thread: no worker, no
database session, and no other destination waits for it. Destinations that failed last, or were slow, share half of the
senders; the other half is always for those that are well.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connections

from integrations.connections.capture import capture_reason
from integrations.core import clock, wake
from integrations.outbox.models import DELIVER_TASK, Delivery, Destination
from integrations.outbox.recording import count_lost, hurry_aside, record_all
from integrations.outbox.rounds import Landed, Round
from integrations.outbox.sealing import sealed
from integrations.outbox.sending import Outcome, Sealed, send

logger = logging.getLogger(__name__)

SENDERS = 64
LOOK_SECONDS = 0.5
LINGER_SECONDS = 5.0
BROKEN_SECONDS = 1.0
WELL = "doubtful = false"

Flown = tuple[Round, Delivery, Outcome]


class Pump:
    def __init__(self, *, senders: int = SENDERS) -> None:
        self.senders = senders
        self._threads = ThreadPoolExecutor(senders, thread_name_prefix="outbox-sender")
        self._rounds: list[Round] = []
        self._flying = 0
        self._flown: queue.SimpleQueue[Flown | None] = queue.SimpleQueue()
        self._unwritten: list[Landed] = []
        self._next_due: datetime | None = None
        self._stopping = threading.Event()

    def look(self) -> None:
        """Something may be due: look now."""
        self._flown.put(None)

    def stop(self) -> None:
        """Send nothing more; what is on its way is waited for and written down."""
        self._stopping.set()
        self.look()

    def run(self, *, linger: float = 0.0) -> None:
        """Send until nothing is due and nothing is on its way; `linger`: stay for what is due within these seconds."""
        self._next_due = None
        while True:
            now = clock.now()
            self._claim(now)
            self._dispatch(now)
            self._leave(now)
            if self._is_idle(now, linger):
                return
            self._land(self._pause(now))

    def abandon(self) -> None:
        """Forget the lanes: after a failure of the database their leases may have ended. What lands is written down."""
        self._rounds = []

    def _is_idle(self, now: datetime, linger: float) -> bool:
        if self._rounds or self._flying or self._unwritten:
            return False
        return self._next_due is None or self._next_due > now + timedelta(seconds=linger) or self._stopping.is_set()

    def _claim(self, now: datetime) -> None:
        """Take due lanes for the senders that are free; half of the senders at most are for doubtful ones."""
        free = self.senders - max(len(self._rounds), self._flying)
        if free <= 0 or self._stopping.is_set():
            return
        doubtful = sum(each.destination.doubtful for each in self._rounds)
        for_all = max(min(free, self.senders // 2 - doubtful), 0)
        rows = Destination.objects.all()
        claims = rows.claim_due(now=now, limit=for_all) if for_all else []
        if len(claims) == for_all and free > for_all:
            claims += rows.claim_only(WELL, now=now, limit=free - for_all)
        if len(claims) == free:
            wake.wake(DELIVER_TASK)  # the next worker may have senders left
        for claim in claims:
            self._rounds.append(begun := Round(claim))
            count_lost(begun.in_flight_at_death())

    def _dispatch(self, now: datetime) -> None:
        if self._stopping.is_set():
            return
        capture = bool(capture_reason(None)) if self._rounds else False
        for each in self._rounds:
            while self._flying < self.senders and (delivery := each.take(now=now)):
                self._flying += 1
                delivery.destination = each.destination
                self._threads.submit(self._fly, each, delivery, sealed(delivery, at=now, capture=capture))

    def _fly(self, flight: Round, delivery: Delivery, request: Sealed) -> None:
        """In a sender's thread."""
        try:
            outcome = send(request)
        except Exception as error:
            logger.exception("delivery %s failed inside", delivery.pk)
            outcome = Outcome(note=f"Internal error, {type(error).__name__}: {error}. The worker's log has more.")
        self._flown.put((flight, delivery, outcome))

    def _leave(self, now: datetime) -> None:
        """Give back the lanes that have nothing to send for now."""
        over = [each for each in self._rounds if not each.flying and not self._stays(each)]
        for each in over:
            if each.recovered:
                hurry_aside(each.destination, now=now)
            due_at = each.leave(now=now)
            self._rounds.remove(each)
            if due_at:
                wake.wake_at(DELIVER_TASK, [due_at], now=now)
                self._next_due = min(self._next_due or due_at, due_at)

    def _stays(self, each: Round) -> bool:
        return each.waits_shortly() and not self._stopping.is_set()

    def _pause(self, now: datetime) -> float:
        """Return for how many seconds there is nothing to do unless something lands."""
        waits = [LOOK_SECONDS, *(each.pause() for each in self._rounds if each.waits_shortly())]
        if self._next_due:
            waits.append((self._next_due - now).total_seconds())
            self._next_due = None if self._next_due <= now else self._next_due
        return max(min(waits), 0.0)

    def _land(self, seconds: float) -> None:
        """Take in what came back, all of it, and write it down before anything more is sent."""
        flown = self._came_back(seconds)
        now = clock.now()
        for each, delivery, outcome in flown:
            self._flying -= 1
            if landed := each.land(delivery, outcome, now=now):
                self._unwritten.append(landed)
        if self._unwritten:
            record_all(self._unwritten, now=now)
            self._unwritten = []

    def _came_back(self, seconds: float) -> Sequence[Flown]:
        flown: list[Flown] = []
        try:
            first = self._flown.get(timeout=seconds) if seconds else self._flown.get_nowait()
            while True:
                if first:
                    flown.append(first)
                first = self._flown.get_nowait()
        except queue.Empty:
            return flown


class Background:
    """The pump of this process, in a thread that ends when there is nothing to do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pump: Pump | None = None
        self._thread: threading.Thread | None = None
        self._asked = False

    def kick(self) -> None:
        """Let the pump look for work; start it if it rests."""
        wake.awake(DELIVER_TASK)
        with self._lock:
            self._asked = True
            self._pump = self._pump or Pump()
            self._pump.look()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(self._pump,), name="outbox", daemon=True)
                self._thread.start()

    def stop(self, *, seconds: float) -> None:
        """End it; what is on its way is waited for."""
        with self._lock:
            pump, thread = self._pump, self._thread
        if pump and thread:
            pump.stop()
            thread.join(seconds)

    def _work(self, pump: Pump) -> None:
        try:
            while self._was_asked():
                _run(pump)
        finally:
            connections.close_all()

    def _was_asked(self) -> bool:
        """Say whether anybody asked since it last looked; if not, the thread ends, and the next one starts another."""
        with self._lock:
            asked, self._asked = self._asked, False
            if not asked:
                self._thread = None
            return asked


def _run(pump: Pump) -> None:
    """Run the pump until it rests, over a database that restarts."""
    while True:
        try:
            pump.run(linger=LINGER_SECONDS)
        except (OperationalError, InterfaceError):
            logger.exception("the database failed; the outbox goes on when it is back")
            pump.abandon()
            connections.close_all()
            time.sleep(BROKEN_SECONDS)
        except Exception:
            logger.exception("the outbox failed inside; the sweep lets it go on")
            pump.abandon()
            return
        else:
            return


background = Background()
# A forked child has none of its parent's threads.
os.register_at_fork(after_in_child=background.__init__)  # type: ignore[misc]  # start anew, in place
