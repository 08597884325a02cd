"""What is done to the installation, in an order that the seed decides."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.drill.ambush import Ambush, Trap
from tests.drill.house import LEASE_SECONDS, House
from tests.drill.looking import Unreachable

Harm = Callable[[], str]
SOON_AFTER = 0.06  # seconds: as long as the work after an answer takes
LONGEST_GRACE = 20.0
ENOUGH_DONE = 5
OUTLASTS = (LEASE_SECONDS + 0.5, LEASE_SECONDS + 3.0)


@dataclass
class Deck:
    """A deck of harms: each kind comes once before any comes again. Each returns what it did."""

    house: House
    dice: random.Random
    say: Callable[[str], None]
    done: int = 0
    _deck: list[Harm] = field(default_factory=list)

    def next(self) -> None:
        """Do the next one and say so."""
        if not self._deck:
            self._deck = self._kinds()
            self.dice.shuffle(self._deck)
        self.done += 1
        self.say(self._deck.pop()())

    def _kinds(self) -> list[Harm]:
        raise NotImplementedError

    def kill_web(self) -> str:
        self.house.kill("web")
        return "SIGKILL web"

    def kill_worker(self) -> str:
        name = self._worker()
        self.house.kill(name)
        return f"SIGKILL {name} and its pool"

    def kill_pool_process(self) -> str:
        name = self._worker()
        self.house.kill_pool_process(name)
        return f"SIGKILL a pool process of {name}"

    def kill_scheduler(self) -> str:
        self.house.kill("scheduler")
        return "SIGKILL scheduler"

    def kill_broker(self) -> str:
        self.house.kill("broker")
        return "SIGKILL broker"

    def empty_broker(self) -> str:
        self.house.flush_broker()
        return "FLUSHALL at the broker"

    def stall_worker(self) -> str:
        name, seconds = self._worker(), self.dice.uniform(*OUTLASTS)
        self.house.stop_for(name, seconds=seconds)
        return f"SIGSTOP {name} for {seconds:.1f} s, the lease is {LEASE_SECONDS:.0f} s"

    def kill_all_at_once(self) -> str:
        names = ["web", "scheduler", "broker", *self.house.workers]
        for name in names:
            self.house.kill(name)
        return f"SIGKILL {', '.join(names)}"

    def restart_database(self) -> str:
        self.house.signal("postgresql", signal.SIGINT)
        return "restart of PostgreSQL (fast: open transactions are rolled back)"

    def crash_database(self) -> str:
        self.house.signal("postgresql", signal.SIGQUIT)
        return "restart of PostgreSQL (immediate: it recovers from its log)"

    def _worker(self) -> str:
        return self.dice.choice(self.house.workers)


@dataclass(kw_only=True)
class Harms(Deck):
    """Those that webhooks, writes and scripts have to stand."""

    record: Ambush
    worklink: Ambush

    def _kinds(self) -> list[Harm]:
        both = [
            self.kill_web,
            self.kill_worker,
            self.kill_pool_process,
            self.kill_sandbox,
            self.kill_scheduler,
            self.kill_broker,
            self.empty_broker,
            self.stall_worker,
            *(self._ambush_at_record(moment) for moment in ("arrived", "carried out", "answered", "lost")),
            *(self._ambush_at_worklink(moment) for moment in ("carried out", "answered")),
            self.stall_while_writing,
            self.kill_all_at_once,
        ]
        return both if self.house.embedded else [*both, self.restart_database, self.crash_database]

    def kill_sandbox(self) -> str:
        name = self._worker()
        self.house.kill_sandbox(name)
        return f"SIGKILL the sandboxes of {name}"

    def _ambush_at_record(self, moment: str) -> Harm:
        def ambush() -> str:
            delay = self.dice.uniform(0.0, SOON_AFTER)
            self.record.lay(Trap(moment, writes=True, spring=self._killing(f"writes, {moment}"), delay=delay))
            return f"ambush: who writes next is killed when its request is {moment}"

        return ambush

    def _ambush_at_worklink(self, moment: str) -> Harm:
        def ambush() -> str:
            delay = self.dice.uniform(0.0, SOON_AFTER)
            self.worklink.lay(Trap(moment, writes=True, spring=self._killing(f"reads WorkLink, {moment}"), delay=delay))
            return f"ambush: who reads WorkLink next is killed when its request is {moment}"

        return ambush

    def stall_while_writing(self) -> str:
        seconds = self.dice.uniform(*OUTLASTS)

        def spring(port: int) -> None:
            if name := self.house.caller(port):
                self.house.stop_for(name, seconds=seconds)
                self.say(f"SIGSTOP {name} for {seconds:.1f} s while it writes")

        self.record.lay(Trap("carried out", writes=True, spring=spring))
        return "ambush: who writes next is stopped before it gets its answer"

    def _killing(self, doing: str) -> Callable[[int], None]:
        def spring(port: int) -> None:
            if name := self.house.caller(port):
                self.house.kill(name)
                self.say(f"SIGKILL {name} while it {doing}")

        return spring


@dataclass
class Recovery:
    """From a harm: the web server listens, and workers have done something since the last time we asked.

    `count` returns a number that grows with what is done.
    """

    house: House
    count: Callable[[], int]
    done: int = 0

    def is_over(self) -> bool:
        try:
            done = self.count()
        except Unreachable:
            return False
        if done - self.done < ENOUGH_DONE or not self.house.listens():
            return False
        self.done = done
        return True


@dataclass
class Pace:
    """When the next harm comes: not before the installation has got over the last one and has done some work since.

    So no row dies again and again by our hand, and a slow machine is not kept from working at all.
    """

    dice: random.Random
    between: tuple[float, float]
    got_over: Callable[[], bool]
    _next: float = 0.0

    def is_time(self) -> bool:
        now = time.monotonic()
        if now < self._next or (self._next and now < self._next + LONGEST_GRACE and not self.got_over()):
            return False
        first, self._next = not self._next, now + self.dice.uniform(*self.between)
        return not first
