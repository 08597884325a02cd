"""Those who hand events in: each batch again and again until it is acknowledged."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import requests

from tests.drill.events.stream import Stream

THREADS = 4
SMALLEST, LARGEST, PORTIONS = 10, 250, 50
TIMEOUT = 15.0
PAUSES = (0.1, 1.0)
TWICE = 0.05  # of the batches are handed in by two at the same time, in another order


@dataclass
class Producers:
    """`acknowledged` holds numbers of events, `refused` sentences; `answers` counts what came of requests.

    `seconds`: for how long events flow, if all goes well.
    """

    stream: Stream
    url: str
    token: str
    dice: random.Random
    seconds: float
    acknowledged: set[int] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    _batches: "SimpleQueue[tuple[float, list[int]]]" = field(default_factory=SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        began, count = time.monotonic(), self.stream.count
        size = min(max(count // PORTIONS, SMALLEST), LARGEST)
        for first in range(0, count, size):
            batch, at = list(range(first, min(first + size, count))), began + self.seconds * first / count
            self._batches.put((at, batch))
            if self.dice.random() < TWICE:
                self._batches.put((at, self.dice.sample(batch, len(batch))))
        for number in range(THREADS):
            hand_in = self._worker(random.Random(self.dice.random()))
            self._threads.append(threading.Thread(target=hand_in, name=f"producer-{number}", daemon=True))
            self._threads[-1].start()

    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stopped.set()

    def _worker(self, dice: random.Random) -> Callable[[], None]:
        def work() -> None:
            with requests.Session() as session, suppress(Empty):
                session.trust_env = False
                session.headers["token"] = self.token
                while not self._stopped.is_set():
                    at, batch = self._batches.get_nowait()
                    self._stopped.wait(max(at - time.monotonic(), 0))
                    self._hand_in(session, batch, dice)

        return work

    def _hand_in(self, session: requests.Session, batch: list[int], dice: random.Random) -> None:
        """Until it is acknowledged, as any sender that has to be sure."""
        items = [self.stream.event(number) for number in batch]
        while not self._stopped.is_set():
            try:
                answer = session.post(f"{self.url}/event-service/ingest/events", json=items, timeout=TIMEOUT)
            except requests.RequestException as error:
                self._count(type(error).__name__)
            else:
                self._count(str(answer.status_code))
                if answer.status_code == 202:
                    self._acknowledge(batch, answer.json())
                    return
                if answer.status_code < 500:
                    self._refuse(f"a batch was answered with {answer.status_code}: {answer.text[:200]}")
                    return
            time.sleep(dice.uniform(*PAUSES))

    def _count(self, answer: str) -> None:
        with self._lock:
            self.answers[answer] += 1

    def _refuse(self, sentence: str) -> None:
        with self._lock:
            self.refused.append(sentence)

    def _acknowledge(self, batch: list[int], said: dict[str, Any]) -> None:
        if said["rejected"] or said["accepted"] + said["duplicates"] != len(batch):
            self._refuse(f"of {len(batch)} good events: {said}")
        with self._lock:
            self.acknowledged.update(batch)
            self.repeated += said["duplicates"]
