"""Runs of scripts: killed while their own request is with the system of record, and looked for at the end."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.drill.ambush import Held, again, whole
from tests.drill.house import House

RAN = re.compile(r"(runner-\d) ran for event (\d+)\.")
BETWEEN = 12, 36  # runs
SANDBOXES, WORKER = "sandboxes", "worker"
HARMS = (SANDBOXES, SANDBOXES, SANDBOXES, WORKER)
MOMENTS = ("arrived", "carried out")


@dataclass
class RunsKilled:
    """Stands before the system of record. Each run of a runner says by a note of its own that it ran: at one of many
    notes the sandboxes of its worker are killed, or the worker with its pool. No run is met twice, since one whose
    sandbox breaks three times is given up.
    """

    app: ASGIApp
    dice: random.Random
    house: House | None = None
    kills: Counter[str] = field(default_factory=Counter)
    _met: set[str] = field(default_factory=set)
    _left: int = BETWEEN[0]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.house is None or scope["method"] != "POST" or not scope["path"].endswith("/notes"):
            await self.app(scope, receive, send)
            return
        body = await whole(receive)
        moment = self.dice.choice(MOMENTS) if self._is_next(body) else ""
        if moment == "arrived":
            self._kill(scope["client"][1])
        answer = Held(send)
        await self.app(scope, again(body), answer.keep)
        if moment == "carried out":
            self._kill(scope["client"][1])
        await answer.release()

    def _is_next(self, body: bytes) -> bool:
        found = RAN.search(body.decode("utf-8", "replace"))
        if found is None or found[0] in self._met:
            return False
        self._left -= 1
        if self._left > 0:
            return False
        self._left = self.dice.randint(*BETWEEN)
        self._met.add(found[0])
        return True

    def _kill(self, port: int) -> None:
        harm = self.dice.choice(HARMS)
        name = self.house.caller(port) if self.house else ""
        if not self.house or not name:
            return
        self.kills[harm] += 1
        if harm == WORKER:
            self.house.kill(name)
        else:
            self.house.kill_sandbox(name)


def runs_written(runs: Iterable[tuple[str, int]], notes: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each run of a runner (script and event) whose note is missing or double, or of none."""
    noted = Counter((found[1], int(found[2])) for note in notes if (found := RAN.search(note)))
    made = Counter(runs)
    for script, event in sorted(made.keys() | noted.keys()):
        there, meant = noted[script, event], made[script, event]
        if there != meant or meant != 1:
            yield f"{script} has {meant} runs for event {event}, and {there} notes of them"
