"""One drill of the events from its start to its verdict."""

import random
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from secrets import token_urlsafe

from portal.supervisor.ports import free_port
from tests.drill.events import fairness
from tests.drill.events.fairness import Fairness
from tests.drill.events.flow import Flow
from tests.drill.events.harms import EventHarms
from tests.drill.events.stream import Stream
from tests.drill.events.subscribing import Api
from tests.drill.harms import Pace, Recovery
from tests.drill.house import House, standing
from tests.drill.looking import Sight

LOOK_SECONDS = 0.1
QUIET_LOOKS = 3


@dataclass(frozen=True)
class Options:
    """`seconds`: how long events flow, if all goes well; `patience`: seconds for all to be done at the end.

    `between`, `down`: seconds between two harms, and for which a receiver stays away, at least and at most; `fair`:
    measure fairness, too.
    """

    seed: int
    events: int
    seconds: float
    between: tuple[float, float]
    down: tuple[float, float]
    patience: float
    fair: bool = True
    keep: bool = False


@dataclass
class EventDrill:
    options: Options
    began: float = field(default_factory=time.monotonic)
    token: str = field(default_factory=token_urlsafe)

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:7.1f} s  {text}", flush=True)

    def run(self) -> list[str]:
        """Return the breaches; none: passed."""
        options, dice = self.options, random.Random(self.options.seed)
        steady, mortal, fair, dead = ports = [free_port() for _ in range(4)]
        with self._house(ports) as house:
            stream = Stream(options.seed, options.events)
            own = random.Random(dice.random())
            flow = Flow(house, self.token, stream, own, options.seconds, options.down, (steady, mortal))
            sight = Sight(house.database)
            lying = flow.judge.receivers[0]
            harms = EventHarms(house, random.Random(dice.random()), self.say, receiver=lying)
            pace = Pace(random.Random(dice.random()), options.between, Recovery(house, sight.passed_on).is_over)
            flow.start()
            self.say("all is up; events flow")
            self._harm(flow, house, harms, pace)
            self.say(f"all are acknowledged; {harms.done} harms")
            self._wait(flow, house, sight)
            found = list(flow.judge.breaches())
            for sentence in flow.tale():
                self.say(sentence)
            return found + (self._fair(Fairness(house, Api(house.url, self.token), fair, dead)) if options.fair else [])

    def _house(self, ports: list[int]) -> AbstractContextManager[House]:
        return standing(
            [f"127.0.0.1:{port}" for port in ports],
            {"token": self.token},
            say=self.say,
            keep=self.options.keep,
            embedded=False,
            seeding="tests.drill.events.seeding",
        )

    def _harm(self, flow: Flow, house: House, harms: EventHarms, pace: Pace) -> None:
        """Harm until all events are acknowledged; what died is started again."""
        try:
            while not flow.producers.are_done():
                house.look_after()
                if pace.is_time():
                    harms.next()
                time.sleep(LOOK_SECONDS)
        finally:
            flow.producers.stop()

    def _wait(self, flow: Flow, house: House, sight: Sight) -> None:
        """Only start again what died, and wait until everybody has what is meant for him, or patience is over."""
        deadline, quiet, said = time.monotonic() + self.options.patience, 0, 0.0
        while quiet < QUIET_LOOKS and time.monotonic() < deadline:
            house.look_after()
            left = sight.left()
            quiet = quiet + 1 if left == {} and flow.has_arrived() else 0
            if left and time.monotonic() - said > 10:
                said = time.monotonic()
                self.say(f"waiting for {left}")
            time.sleep(0.5)

    def _fair(self, measured: Fairness) -> list[str]:
        self.say("fairness: healthy destinations alone, then beside eight that are dead or slow")
        try:
            alone, beside = measured.measure()
        except TimeoutError as error:
            return [f"fairness: {error}"]
        self.say(f"alone: {alone}")
        self.say(f"beside: {beside}")
        self.say(f"ratio of p50: {beside.p50 / alone.p50:.2f}, of p95: {beside.p95 / alone.p95:.2f}")
        return [] if fairness.is_fair(alone, beside) else [f"healthy destinations wait: {alone} alone, {beside} beside"]
