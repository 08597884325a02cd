"""One turn of a destination: what it sends, in which order, and when it is next due."""

import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from integrations.core.errors import Captured, OutboundOff
from integrations.core.work import Claim, WorkState
from integrations.outbox import selectors
from integrations.outbox.models import Delivery, Destination
from integrations.outbox.schedule import LONGEST_ASKED, PROBE_EVERY, SUSPENDED_AFTER, NextTry, next_try
from integrations.outbox.sending import Outcome

# With the time that a request may take (`sealing`), a turn ends well within the lease: a holder never has to renew it.
ROUND_SHARE = 0.1
ASIDE_BATCH = 5
SLOW_MS = 2_000
OFF_FOR = timedelta(seconds=30)
SHORT_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Landed:
    """An attempt that is over, with when it is tried again; `next_try` is None where that was the end of it."""

    delivery: Delivery
    outcome: Outcome
    at: datetime
    next_try: NextTry | None = None


class Round:
    """Made by the holder of the lane, with what waits; then asked, until it has nothing left to send for now."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.destination: Destination = claim.row
        self.flying = 0
        self.sent = 0
        self.held_until: datetime | None = None
        self.note = ""
        self.recovered = False
        self._ends = time.monotonic() + settings.WORK_LEASE_SECONDS * ROUND_SHARE
        self._may_leave = 0.0
        self._more = False
        self._main: deque[Delivery] = deque()
        self._aside: deque[Delivery] = deque()
        self._later: list[datetime] = []
        if self.is_open:
            self._read()

    @property
    def is_open(self) -> bool:
        return self.destination.enabled and self.destination.retired_at is None

    @property
    def is_suspended(self) -> bool:
        return self.destination.suspended_at is not None

    def _read(self) -> None:
        found = selectors.in_order(self.destination.pk)
        self._more = len(found) == selectors.BATCH
        self._main.extend(row for row in found if not row.aside)
        aside = selectors.aside(self.destination.pk, limit=ASIDE_BATCH) if self._more else found
        self._aside.extend(sorted((row for row in aside if row.aside), key=lambda row: row.due_at))

    def in_flight_at_death(self) -> list[Delivery]:
        """Return those that the holder before may have sent, if it died: the first ones in order."""
        if not self.claim.row.deaths:
            return []
        return list(self._main)[: self.destination.concurrency] + list(self._aside)[:1]

    def pause(self) -> float:
        """Return the seconds until the rate lets the next one leave."""
        return max(self._may_leave - time.monotonic(), 0.0)

    def take(self, *, now: datetime) -> Delivery | None:
        """Return what is to be sent now; None if that has to wait."""
        allowed = 1 if self.is_suspended else self.destination.concurrency
        if self.flying >= allowed or self.pause() or not self._goes_on():
            return None
        queue = self._queue(now)
        if queue is None:
            return None
        self.flying, self.sent = self.flying + 1, self.sent + 1
        if self.destination.rate_per_second:
            self._may_leave = time.monotonic() + 1 / self.destination.rate_per_second
        return queue.popleft()

    def _goes_on(self) -> bool:
        if self.is_suspended and self.sent:
            return False  # one probe
        return self.held_until is None and time.monotonic() < self._ends

    def _queue(self, now: datetime) -> deque[Delivery] | None:
        """Return the queue whose first one is due: a probe takes the first of all, due or not."""
        if self._aside and self._aside[0].due_at <= now and not self.is_suspended:
            return self._aside
        if self._main and (self._main[0].due_at <= now or self.is_suspended):
            return self._main
        return self._aside if self._aside and self.is_suspended and not self._main else None

    def waits_shortly(self) -> bool:
        """Say whether it is only the rate that holds the next one, and not for long."""
        return 0 < self.pause() <= SHORT_PAUSE_SECONDS and self._goes_on() and bool(self._main or self._aside)

    def land(self, delivery: Delivery, outcome: Outcome, *, now: datetime) -> Landed | None:
        """Take in what became of an attempt; None if there was none, because nothing may leave."""
        self.flying -= 1
        if isinstance(outcome.failure, OutboundOff):
            self.held_until, self.note = now + OFF_FOR, outcome.note
            return None
        if not isinstance(outcome.failure, Captured):
            self._judge(outcome, now=now)
        if outcome.delivered or not outcome.again:
            return Landed(delivery, outcome, now)
        first = delivery.first_tried_at or now
        again = next_try(tries=delivery.tries + 1, first_tried_at=first, now=now, asked=outcome.asked)
        if again and again.aside:
            self._later.append(again.at)
        elif again:
            self._wait(until=again.at, note=outcome.note)
        return Landed(delivery, outcome, now, again)

    def _wait(self, *, until: datetime, note: str) -> None:
        self.held_until = max(self.held_until or until, until)
        self.note = note

    def _judge(self, outcome: Outcome, *, now: datetime) -> None:
        """Count failures in a row; open and close the breaker."""
        to = self.destination
        to.last_at, to.last_status, to.last_note = now, outcome.status, outcome.note
        to.doubtful = not outcome.delivered or outcome.ms > SLOW_MS
        to.failures = 0 if outcome.delivered else to.failures + 1
        if outcome.delivered:
            self.recovered = self.recovered or self.is_suspended
            to.suspended_at = None
        elif to.failures >= SUSPENDED_AFTER:
            to.suspended_at = to.suspended_at or now
            self._wait(until=now + PROBE_EVERY, note=f"{to.failures} failures in a row. {outcome.note}")
        if outcome.again and outcome.asked:
            asked = now + timedelta(seconds=min(outcome.asked, LONGEST_ASKED))
            self._wait(until=asked, note=f"{outcome.note} It asked for a pause.")

    def leave(self, *, now: datetime) -> datetime | None:
        """Give the lane back; return when it is next due, None if nothing waits (or somebody else holds it)."""
        lanes = Destination.objects.all()
        due_at = self._next_due(now)
        if due_at is None:
            pace = now + timedelta(seconds=self.pause()) if self.pause() else None
            lanes.finish(self.claim, state=WorkState.DONE, note=self._words(), not_before=pace, **self._state())
        elif self._is_held(now):
            lanes.retry(self.claim, due_at=due_at, note=self._words(due_at), **self._state())
        else:
            lanes.rest(self.claim, due_at=due_at, note=self._words(due_at), **self._state())
        return due_at

    def _is_held(self, now: datetime) -> bool:
        """Say whether a failure holds it: then a new message is no reason to look sooner."""
        return self.held_until is not None or bool(self._main and self._main[0].due_at > now)

    def _next_due(self, now: datetime) -> datetime | None:
        if not self.is_open:
            return None
        if self.held_until:
            return self.held_until
        if self._more or self.recovered:
            return now + timedelta(seconds=self.pause())
        times = [*self._later, *(queue[0].due_at for queue in (self._main, self._aside) if queue)]
        return max(min(times), now + timedelta(seconds=self.pause())) if times else None

    def _state(self) -> dict[str, Any]:
        names = ("failures", "suspended_at", "doubtful", "last_at", "last_status", "last_note")
        return {name: getattr(self.destination, name) for name in names}

    def _words(self, due_at: datetime | None = None) -> str:
        if not self.is_open:
            return "Disabled: nothing is sent, what comes waits."
        if due_at is None:
            return "Nothing waits."
        return f"{self.note or 'More waits.'} Goes on at {due_at:%H:%M:%S} UTC."
