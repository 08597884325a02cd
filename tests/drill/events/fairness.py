"""Fairness through real workers: how long healthy destinations wait, alone and beside eight that are dead or slow."""

import json
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import requests

from tests.drill.events.flow import program
from tests.drill.events.judging import Request, requests_of
from tests.drill.events.stream import Subscriber, of_cameras, uid
from tests.drill.events.subscribing import Api
from tests.drill.house import House

PER_SECOND, SECONDS, WARMING = 4.0, 30.0, 12
PATIENCE = 30.0
HEALTHY = ("well-1", "well-2", "well-3")
ONLY = (of_cameras("fair"),)
# Against a busy machine: what is shorter than this is no delay.
SLACK_SECONDS, MOST_RATIO = 0.25, 4.0


@dataclass(frozen=True)
class Delays:
    """From before an event is handed in to its arrival at a healthy receiver, in seconds."""

    p50: float
    p95: float
    worst: float

    def __str__(self) -> str:
        return f"p50 {self.p50 * 1e3:.0f} ms, p95 {self.p95 * 1e3:.0f} ms, worst {self.worst * 1e3:.0f} ms"


@dataclass(frozen=True)
class Fairness:
    """`port` is for a process of receivers, `dead` one where nobody listens."""

    house: House
    api: Api
    port: int
    dead: int

    @property
    def notes(self) -> Path:
        return self.house.folder / "fair.receiver"

    def measure(self) -> tuple[Delays, Delays]:
        """Return the delays alone, and beside the others. :raises TimeoutError: if not all events arrive"""
        self.house.add(program("receiver-fair", "receivers", str(self.port), str(self.notes), "0"))
        there = f"http://127.0.0.1:{self.port}"
        for name in HEALTHY:
            self.api.subscribe(Subscriber(name, ONLY, f"{there}/{name}"))
        self._delays(WARMING)
        alone = self._delays(int(PER_SECOND * SECONDS))
        for number in range(3):
            self.api.subscribe(Subscriber(f"dead-{number}", ONLY, f"http://127.0.0.1:{self.dead}/dead"))
            self.api.subscribe(Subscriber(f"hanging-{number}", ONLY, f"{there}/hanging?wait=30"))
        for number in range(2):
            self.api.subscribe(Subscriber(f"slow-{number}", ONLY, f"{there}/slow?wait=2.1"))
        self._delays(WARMING)
        return alone, self._delays(int(PER_SECOND * SECONDS))

    def _delays(self, count: int) -> Delays:
        sent: dict[str, float] = {}
        handing_in = threading.Thread(target=self._hand_in, args=(sent, count), daemon=True)
        handing_in.start()
        while handing_in.is_alive():
            self.house.look_after()
            time.sleep(0.1)
        arrived = self._arrived(sent)
        delays = sorted(at - sent[id] for each in arrived for id, at in each.items())
        cuts = statistics.quantiles(delays, n=20)
        return Delays(statistics.median(delays), cuts[-1], delays[-1])

    def _hand_in(self, sent: dict[str, float], count: int) -> None:
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(count):
                id = str(uuid4())
                item = {"id": id, "type": "roi", "source": uid("camera", "fair"), "roi": {"state": "in"}}
                sent[id] = time.monotonic()
                answer = session.post(
                    f"{self.api.url}/event-service/ingest/events",
                    data=json.dumps([item]),
                    headers={"token": self.api.token, "Content-Type": "application/json"},
                    timeout=10,
                )
                answer.raise_for_status()
                time.sleep(max(sent[id] + 1 / PER_SECOND - time.monotonic(), 0))

    def _arrived(self, sent: dict[str, float]) -> list[dict[str, float]]:
        """Return when each event came first, for each healthy receiver."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            self.house.look_after()
            found = requests_of([self.notes])
            arrived = [_first(found.get(name, []), sent) for name in HEALTHY]
            if all(len(each) == len(sent) for each in arrived):
                return arrived
            time.sleep(0.2)
        raise TimeoutError(f"healthy receivers have {[len(each) for each in arrived]} of {len(sent)} events")


def _first(requests: Sequence[Request], sent: dict[str, float]) -> dict[str, float]:
    arrived: dict[str, float] = {}
    for each in requests:
        if each.id in sent:
            arrived.setdefault(each.id, each.arrived)
    return arrived


def is_fair(alone: Delays, beside: Delays) -> bool:
    return beside.p95 <= max(MOST_RATIO * alone.p95, SLACK_SECONDS)
