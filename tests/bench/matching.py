"""Which endpoints an event goes to, among few filters and among many: CPU time of one look-up."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from integrations.events.filters import Facts, FilterIndex, Rule, reference
from integrations.events.filters import matches as matching

CAMERAS, AGENTS, GROUPS, TYPES = "cameraIds", "agentIds", "profileGroupIds", "eventTypes"
RECOGNISED = ("IDENTIFICATION", "NON_IDENTIFICATION", "HAR", "ROI", "CROSSING", "FACE_HIDE_CONTROL")
FEW, MANY = 100, 10_000
ENDPOINTS = [f"endpoint {number}" for number in range(20)]
SHARE_OF_GROUPS, SHARE_OF_AGENTS = 5, 10
EVENTS, ASKED, ROUNDS = 400, 20, 50


@dataclass(frozen=True)
class Matched:
    """Seconds of CPU of one look-up, and how many filters an event matched on average."""

    name: str
    cpu: float
    matches: float


def measure() -> list[Matched]:
    """Return few filters, many filters, and many by asking each; an event matches as many of few as of many."""
    return [_indexed(FEW), _indexed(MANY), _by_asking_each(MANY)]


def _indexed(count: int) -> Matched:
    index, events = FilterIndex(_rules(count), endpoints=ENDPOINTS), _events(count)
    matches = sum(len(index.rules(each)) for each in events) / len(events)
    cpu = min(_seconds(index.endpoints, events) for _ in range(ROUNDS))
    return Matched(f"Fieldport, {count:,} filters", cpu=cpu, matches=matches)


def _by_asking_each(count: int) -> Matched:
    rules, events = _rules(count), _events(count)[:ASKED]
    ask = partial(reference, rules=rules, endpoints=ENDPOINTS)
    matches = sum(matching(rule, each) for each in events for rule in rules) / len(events)
    return Matched(f"each of {count:,} filters asked", cpu=_seconds(ask, events), matches=matches)


def _seconds(look_up: Callable[[Facts], object], events: Sequence[Facts]) -> float:
    began = time.process_time()
    for each in events:
        look_up(each)
    return (time.process_time() - began) / len(events)


def _rules(count: int) -> list[Rule]:
    """Make filters as a site has them: cameras, some by type too; watchlists, agents, work orders."""
    chance = random.Random(1)
    return [
        Rule(
            str(number),
            {name: frozenset(values) for name, values in _conditions(number, count, chance).items()},
            (ENDPOINTS[number % len(ENDPOINTS)],),
        )
        for number in range(count)
    ]


def _conditions(number: int, count: int, chance: random.Random) -> dict[str, list[str]]:
    cameras = [f"camera {(number * 3 + each) % count}" for each in range(3)]
    groups, agents = [f"group {number % (count // SHARE_OF_GROUPS)}"], [f"agent {number % (count // SHARE_OF_AGENTS)}"]
    types = chance.sample(RECOGNISED, 2)
    kinds: list[dict[str, list[str]]] = [
        {CAMERAS: cameras},
        {CAMERAS: cameras, TYPES: types},
        {CAMERAS: cameras, GROUPS: groups},
        {GROUPS: groups},
        {AGENTS: agents, TYPES: types},
        {TYPES: ["session.*"], "workOrder.site": [f"site {number}"]},
    ]
    return kinds[number % len(kinds)]


def _events(count: int) -> list[Facts]:
    chance = random.Random(2)
    return [
        {
            TYPES: (chance.choice(RECOGNISED),),
            CAMERAS: (f"camera {chance.randrange(count)}",),
            AGENTS: (f"agent {chance.randrange(count // SHARE_OF_AGENTS)}",),
            GROUPS: frozenset(f"group {chance.randrange(count // SHARE_OF_GROUPS)}" for _ in range(2)),
        }
        for _ in range(EVENTS)
    ]
