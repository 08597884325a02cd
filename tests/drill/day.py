"""A day at the CMS: technicians at work, told of by webhooks with every fault that the vendor's have."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.record.control import RecordControl
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.outgoing import Notification

MOST_OPEN = 8
LEAST_PAUSE = 0.2
LONGEST_LINGERING = 10.0
MEDDLED_OPEN, MEDDLED_ENDED = 0.3, 0.6  # shares of the reads that are overtaken
# Each is in force for a while, one after the other in an order of the dice.
TEMPERS: tuple[dict[str, Any], ...] = (
    {},
    {"duplicates": 1},
    {"reorder_seconds": 1.5},
    {"burst": 2},
    {"duplicates": 1, "reorder_seconds": 0.8, "burst": 1},
    {"delay": 0.7},
)
CALM: dict[str, Any] = {"duplicates": 0, "reorder_seconds": 0.0, "burst": 0, "delay": 0.0}
ASSURING_SECONDS = 60.0


@dataclass
class Job:
    """One session: whose order it is, whether it goes on, when it changed last, how many photos were taken."""

    order: str
    open: bool = True
    photos: int = 0
    changed_at: float = 0.0


@dataclass
class Day:
    worklink: WorkLinkControl
    record: RecordControl
    dice: random.Random
    webhooks: int
    seconds: float
    jobs: dict[str, Job] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _failed: BaseException | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _values: int = 0

    @property
    def taken(self) -> int:
        """How many webhooks were acknowledged so far."""
        return sum(each.acknowledged for each in list(self.worklink.state.outgoing.records))

    def run(self) -> None:
        """Work until so many webhooks were acknowledged; then end every session. To be run in a thread."""
        try:
            self._run()
        except BaseException as error:
            self._failed = error
            raise

    def _run(self) -> None:
        began, tempers = time.monotonic(), [*TEMPERS] * 3
        self.dice.shuffle(tempers)
        while (share := self.taken / self.webhooks) < 1 and not self._stopped.is_set():
            self.worklink.set_webhooks(**CALM | tempers[int(share * len(tempers))], unknown_percent=3.0)
            ahead = share * self.seconds - (time.monotonic() - began)
            if self._stopped.wait(min(max(ahead, LEAST_PAUSE), 1.0)):
                return
            if ahead <= 1.0:
                self._act()
        for session, job in list(self.jobs.items()):
            if job.open and not self._stopped.wait(0.02):
                self._finish(session)
        self.worklink.set_webhooks(**CALM)
        self._stopped.wait(min(self.seconds / 5, LONGEST_LINGERING))  # the last reads may be overtaken, too
        self._over.set()

    def stop(self) -> None:
        self._stopped.set()
        self._over.set()

    def check(self) -> None:
        """:raises RuntimeError: if the day itself went wrong"""
        if self._failed is not None:
            raise RuntimeError("the day of the drill failed") from self._failed

    def _act(self) -> None:
        going = [session for session, job in self.jobs.items() if job.open]
        if len(going) < 2 or (len(going) < MOST_OPEN and self.dice.random() < 0.2):
            self._start()
            return
        acts: tuple[Callable[[str], object], ...] = (
            self._view, self._answer, self._photo, self._flicker, self._flicker, self._rest, self._finish, self._finish,
        )  # fmt: skip
        self.dice.choice(acts)(self.dice.choice(going))

    def _start(self) -> None:
        """Now and then for an order that has a session already."""
        orders = [job.order for job in self.jobs.values()]
        order = self.dice.choice(orders) if orders and self.dice.random() < 0.2 else f"WO-{len(set(orders)) + 1:06d}"
        self.record.add_orders(first=int(order[3:]), count=1)
        kind = self.dice.choice(("PASSIVE", "PASSIVE", "PERSISTENT"))
        with self._lock:
            session = self.worklink.start_session({"work_order_id": order}, session_type=kind)
            self.jobs[session] = Job(order)
            self._changed(session)

    def _view(self, session: str) -> None:
        self._do(session, lambda: self.worklink.view_steps(session))

    def _answer(self, session: str) -> None:
        value = self.dice.randint(1, 60) / 10
        self._do(session, lambda: self.worklink.answer(session, value_type="NUMBER", value=value))

    def _photo(self, session: str) -> None:
        if self.jobs[session].photos < 2:
            self.jobs[session].photos += 1
            self._do(session, lambda: self.worklink.take_photo(session))

    def _rest(self, session: str) -> None:
        """A persistent session is left and taken up again; any other just goes on."""
        if self.worklink.session(session)["sessionType"] == "PERSISTENT":
            self._do(session, lambda: self.worklink.exit_session(session))
            self._do(session, lambda: self.worklink.resume_session(session))

    def _flicker(self, session: str) -> None:
        """1, 2, 1 again: what is equal to something written before is not what was written last."""
        first = self.worklink.session(session)["idleDuration"]
        for value in (first, first + 1, first):
            self._set(session, value)
            time.sleep(self.dice.choice((0.0, 0.05, 0.3)))

    def _finish(self, session: str) -> None:
        with self._lock:
            self.jobs[session].open = False
        self._do(session, lambda: self.worklink.finish_session(session))
        if self.dice.random() < 0.5:
            self._flicker(session)  # late facts of what has ended

    def meddle(self, session: str, *, chance: float) -> bool:
        """Change a session at this moment, from any thread; mostly one that has ended: it may be its last read."""
        job = self.jobs.get(session)
        if job is None or self._over.is_set() or chance >= (MEDDLED_OPEN if job.open else MEDDLED_ENDED):
            return False
        with self._lock:
            self._values += 1
            self._set(session, 1_000 + self._values)
        return True

    def is_told(self, session: str) -> bool:
        """Say whether a webhook about the session's last change was acknowledged."""
        changed_at = self.jobs[session].changed_at
        records = reversed(list(self.worklink.state.outgoing.records))
        return any(each.acknowledged and each.resource_id == session and each.sent_at >= changed_at for each in records)

    def _set(self, session: str, value: float) -> None:
        self._do(session, lambda: self.worklink.set_fields(session, {"idleDuration": value}))

    def _do(self, session: str, act: Callable[[], object]) -> None:
        with self._lock:
            act()
            self._changed(session)

    def _changed(self, session: str) -> None:
        self.jobs[session].changed_at = time.time()

    def assure(self) -> list[str]:
        """Tell once more of each session whose last change no acknowledged webhook told of; a sender would, too.

        Returns the sessions for which that did not succeed.
        """
        deadline = time.monotonic() + ASSURING_SECONDS
        untold = self._untold()
        while untold and time.monotonic() < deadline:
            for session in untold:
                self.worklink.notify(session)
            self.worklink.wait_for_webhooks(10.0)
            untold = self._untold()
            time.sleep(0.5 if untold else 0.0)
        return untold

    def _untold(self) -> list[str]:
        self.worklink.wait_for_webhooks(10.0)
        told: dict[str, float] = {}
        for each in self.acknowledged():
            told[each.resource_id] = max(told.get(each.resource_id, 0.0), each.sent_at)
        return [session for session, job in self.jobs.items() if told.get(session, 0.0) < job.changed_at]

    def acknowledged(self) -> list[Notification]:
        return [each for each in list(self.worklink.state.outgoing.records) if each.acknowledged]
