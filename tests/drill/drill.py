"""One drill from its start to its verdict."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from portal.supervisor.ports import free_port
from tests.drill.ambush import Ambush, Meddler
from tests.drill.day import Day
from tests.drill.events.flow import Flow
from tests.drill.events.stream import Stream
from tests.drill.harms import Harms, Pace, Recovery
from tests.drill.house import House, standing
from tests.drill.judging import Judge
from tests.drill.looking import Sight
from tests.drill.runs import SANDBOXES, WORKER, RunsKilled
from tests.simulators.record.app import build_app as build_record
from tests.simulators.record.control import RecordControl
from tests.simulators.record.state import RecordState
from tests.simulators.serving import Served
from tests.simulators.worklink.app import build_app as build_worklink
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.state import WorkLinkState

TOKEN = "drill-source-token-0123456789"
SETTLE_SECONDS = 3.0
LOOK_SECONDS = 0.1
QUIET_LOOKS = 3
RUNS_LEFT_ALONE = 60
DOWN = (1.0, 5.0)


@dataclass(frozen=True)
class Options:
    """`between`: seconds between two harms, at least and at most; `patience`: seconds for all to be done at the end.

    `events`: how many are handed in beside the webhooks, and passed on.
    """

    seed: int
    webhooks: int
    seconds: float
    between: tuple[float, float]
    patience: float
    events: int = 300
    embedded: bool = False
    keep: bool = False


@dataclass
class Drill:
    """Everything of one run. The simulators live in this process; what is killed are children of it."""

    options: Options
    began: float = field(default_factory=time.monotonic)
    worklink: WorkLinkControl = field(default_factory=lambda: WorkLinkControl(WorkLinkState()))
    record: RecordControl = field(default_factory=lambda: RecordControl(RecordState()))
    untold: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:7.1f} s  {text}", flush=True)

    def run(self) -> list[str]:
        """Return the breaches; none: passed."""
        options = self.options
        dice = random.Random(options.seed)
        with ExitStack() as stack:
            day = Day(self.worklink, self.record, random.Random(dice.random()), options.webhooks, options.seconds)
            meddler = Meddler(build_worklink(self.worklink), day, random.Random(dice.random()))
            runs = RunsKilled(build_record(self.record.state), random.Random(options.seed))
            ambushes = Ambush(runs), Ambush(meddler)
            served = stack.enter_context(Served([(each, 0) for each in ambushes]))
            stack.callback(self.worklink.state.outgoing.close)
            self.record.state.public_url, self.worklink.state.public_url = served.urls
            ports = free_port(), free_port()
            house = stack.enter_context(self._house(served.urls, ports))
            harms = Harms(house, random.Random(dice.random()), self.say, record=ambushes[0], worklink=ambushes[1])
            self._trouble(dice.random())
            self.worklink.listen(f"{house.url}/hooks/{TOKEN}/", variant="mixed", verbs="long")
            stream = Stream(options.seed, options.events)
            flow = Flow(house, TOKEN, stream, random.Random(options.seed), options.seconds / 2, DOWN, ports)
            flow.start()
            self.say("all is up; the day begins")
            sight = Sight(house.database)
            pace = Pace(random.Random(dice.random()), options.between, Recovery(house, sight.done).is_over)
            runs.house = house
            self._work(day, house, harms, pace)
            self._calm(ambushes)
            self._kill_runs(runs, house, sight)
            self.say(f"{self._webhooks()}; {harms.done} harms; {meddler.meddled} fetches overtaken by a webhook")
            self._wait(day, flow, house, sight)
            judge = Judge(sight, day, self.worklink, self.record)
            found = [*self._untold(day, house), *judge.breaches(), *flow.judge.breaches()]
            self._tell(sight, day, flow)
            self._tell_of_runs(sight, runs)
            return found

    def _house(self, urls: Sequence[str], ports: Sequence[int]) -> AbstractContextManager[House]:
        record_url, worklink_url = urls
        reachable = [urlsplit(url).netloc for url in urls] + [f"127.0.0.1:{port}" for port in ports]
        seed: dict[str, object] = {"worklink": worklink_url, "record": record_url, "token": TOKEN}
        options = self.options
        return standing(
            reachable, seed | {"settle": SETTLE_SECONDS}, say=self.say, keep=options.keep, embedded=options.embedded
        )

    def _trouble(self, seed: float) -> None:
        """Both systems fail now and then, in the ways that such systems have."""
        self.record.clear_faults(seed=int(seed * 1e9))
        self.worklink.clear_faults(seed=int(seed * 1e9))
        writes = {"method": "P*"}
        self.record.fault("status", **writes, probability=0.02, status=503)
        self.record.fault("status", **writes, probability=0.01, status=429, retry_after="1")
        self.record.fault("status", method="POST", path="*/attachments", probability=0.03, status=409)
        self.record.fault("drop_after", **writes, probability=0.03)
        self.record.fault("drop_before", **writes, probability=0.02)
        self.record.fault("late", **writes, probability=0.02, delay=0.8)
        self.record.fault("status", method="GET", probability=0.01, status=503)
        self.worklink.fault("status", probability=0.02, status=503)
        self.worklink.fault("slow", operation="PortalScenarioSession", probability=0.1, delay=0.8)
        self.worklink.fault("drop_before", probability=0.01)

    def _work(self, day: Day, house: House, harms: Harms, pace: Pace) -> None:
        """Let the day pass, and harm; what died is started again."""
        at_work = threading.Thread(target=day.run, name="day", daemon=True)
        at_work.start()
        try:
            while at_work.is_alive():
                house.look_after()
                if pace.is_time():
                    harms.next()
                time.sleep(LOOK_SECONDS)
        finally:
            day.stop()
            at_work.join(timeout=5)
        day.check()

    def _calm(self, ambushes: tuple[Ambush, ...]) -> None:
        for ambush in ambushes:
            ambush.clear()
        self.record.clear_faults()
        self.worklink.clear_faults()

    def _kill_runs(self, runs: RunsKilled, house: House, sight: Sight) -> None:
        """Scripts may be far behind the day: they go on being killed until most of them have run."""
        deadline = time.monotonic() + self.options.patience
        while time.monotonic() < deadline and sight.has_open_runs(more_than=RUNS_LEFT_ALONE):
            house.look_after()
            time.sleep(LOOK_SECONDS)
        runs.house = None

    def _wait(self, day: Day, flow: Flow, house: House, sight: Sight) -> None:
        """Only start again what died, and wait until all is done, or patience is over."""
        sure = threading.Thread(target=lambda: self.untold.extend(day.assure()), name="assuring", daemon=True)
        sure.start()
        deadline, quiet, said = time.monotonic() + self.options.patience, 0, 0.0
        while quiet < QUIET_LOOKS and time.monotonic() < deadline:
            house.look_after()
            busy = sure.is_alive() or not flow.producers.are_done()
            left = None if busy else sight.left()
            quiet = quiet + 1 if left == {} and flow.has_arrived() else 0
            if left and time.monotonic() - said > 10:
                said = time.monotonic()
                self.say(f"waiting for {left}")
            time.sleep(0.5)
        flow.producers.stop()

    def _untold(self, day: Day, house: House) -> Iterator[str]:
        for session in self.untold:
            yield f"no webhook about the last change of {session} was acknowledged; see {house.folder}/logs/web.log"

    def _webhooks(self) -> str:
        counts = sorted(self.worklink.webhook_counts().items())
        return f"{sum(count for _, count in counts)} webhooks, by answer: " + ", ".join(f"{a} {n}" for a, n in counts)

    def _tell_of_runs(self, sight: Sight, killed: RunsKilled) -> None:
        _, runs, counted = sight.runs()
        again, most = sight.tries()
        self.say(f"scripts: {runs} runs, {counted} counted by them; {again} tried again, {most} tries at most")
        sandboxes, workers = killed.kills[SANDBOXES], killed.kills[WORKER]
        self.say(
            f"scripts: while a run was under way, its sandboxes were killed {sandboxes} times, its worker {workers}"
        )

    def _tell(self, sight: Sight, day: Day, flow: Flow) -> None:
        self.say(f"{len(day.jobs)} sessions; most deaths in a row that are still open: {sight.most_deaths()}")
        for kind, state, verdict, count in sight.writes():
            self.say(f"writes: {kind} {state} {verdict} {count}")
        for sentence in flow.tale():
            self.say(sentence)
