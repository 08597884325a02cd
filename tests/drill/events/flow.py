"""Events that flow while a drill does its harm: handed in, passed on to everybody, and compared at the end."""

import json
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.supervisor.children import Program
from tests.drill.events.clients import REFUSED
from tests.drill.events.files import read
from tests.drill.events.harms import CLIENTS, MORTAL
from tests.drill.events.judging import Judge
from tests.drill.events.producers import Producers
from tests.drill.events.stream import Stream, Subscriber, sockets, webhooks
from tests.drill.events.subscribing import Api
from tests.drill.house import House


@dataclass
class Flow:
    """`ports` are those of the two processes of receivers, `down` the seconds for which one of them stays away.

    `seconds`: how long events flow, if all goes well.
    """

    house: House
    token: str
    stream: Stream
    dice: random.Random
    seconds: float
    down: tuple[float, float]
    ports: tuple[int, int]
    producers: Producers = field(init=False)
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        folder = self.house.folder
        told = webhooks(*(f"http://127.0.0.1:{port}" for port in self.ports))
        self.producers = Producers(self.stream, self.house.url, self.token, self.dice, self.seconds)
        notes = [folder / f"{name}.receiver" for name in ("steady", "mortal")]
        self.judge = Judge(self.house.database, self.stream, self.producers, told, sockets(), notes, folder)

    def start(self) -> None:
        """Subscribe, start who gets the events as children that are looked after like the house's own, and begin."""
        api = Api(self.house.url, self.token)
        for each in self.judge.webhooks:
            api.subscribe(each)
        seed, (steady, mortal) = str(self.stream.seed), self.judge.receivers
        down = [str(seconds) for seconds in self.down]
        self.house.add(program("receiver-steady", "receivers", str(self.ports[0]), str(steady), seed))
        self.house.add(program(MORTAL, "receivers", str(self.ports[1]), str(mortal), seed, *down))
        clients = json.dumps(api.clients(self.judge.sockets))
        self.house.add(program(CLIENTS, "clients", str(self.house.folder), seed, clients))
        self.producers.start()

    def has_arrived(self) -> bool:
        """Say whether the websocket clients have as many events as there are for them."""
        return all(self._noted(each) >= len(self.judge.meant(each)) for each in self.judge.sockets)

    def _noted(self, socket: Subscriber) -> int:
        return sum(line[0] != REFUSED for line in read(self.house.folder / f"{socket.name}.socket"))

    def tale(self) -> Iterator[str]:
        """Yield what is worth to be said at the end."""
        answers = ", ".join(f"{answer} {count}" for answer, count in sorted(self.producers.answers.items()))
        yield f"{self.stream.count} events; answers to batches: {answers}; {self.producers.repeated} were known"
        yield "websocket clients: " + ", ".join(f"{each.name} {self._noted(each)}" for each in self.judge.sockets)
        for name, (tries, events, late) in self.judge.told().items():
            yield f"webhook {name}: {events} events by {tries} requests, {late} of them aside"


def program(name: str, module: str, *arguments: str) -> Program:
    """Return one of the drill's own programs, from this folder."""
    return Program(name, [sys.executable, "-m", f"tests.drill.events.{module}", *arguments], dict(os.environ))
