"""The events of a drill and who wants which: the judge's own idea of it, apart from the code that is drilled. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, uuid5

SHARES = {"roi": 30, "identification": 20, "non_identification": 20, "crossing": 15, "har": 15}
AGENTS, GROUPS = 3, 4
PADDING = "x" * 300  # an event of a real camera is not much smaller


def uid(kind: str, number: object) -> str:
    """Return the id of a camera, an agent, a watchlist …, the same in every process."""
    return str(uuid5(NAMESPACE_URL, f"drill/{kind}/{number}"))


# Of hundred events so many come from the camera of this name. `fair` is the fairness run's alone.
CAMERAS = {"busy": 71, "gate": 18, "yard": 5, "shed": 3, "dock": 2, "roof": 1, "fair": 0}


@dataclass(frozen=True)
class Told:
    """What filters look at, of one event."""

    id: str
    type: str
    camera: str
    agent: str
    groups: frozenset[str]


@dataclass(frozen=True)
class Wish:
    """The conditions of one event filter; an empty one is none."""

    cameras: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def given(self) -> dict[str, list[str]]:
        """Return it as the REST API takes it."""
        return {
            "camera_ids": list(self.cameras),
            "event_types": list(self.types),
            "agent_ids": list(self.agents),
            "profile_group_ids": list(self.groups),
        }

    def is_met(self, told: Told) -> bool:
        return (
            (not self.cameras or told.camera in self.cameras)
            and (not self.types or told.type in self.types)
            and (not self.agents or told.agent in self.agents)
            and (not self.groups or bool(told.groups & set(self.groups)))
        )


@dataclass(frozen=True)
class Subscriber:
    """Who is told of events: any of its wishes is enough; without one, of all. `url`: of a webhook; else a socket."""

    name: str
    wishes: tuple[Wish, ...] = ()
    url: str = ""

    def wants(self, told: Told) -> bool:
        return not self.wishes or any(wish.is_met(told) for wish in self.wishes)


@dataclass(frozen=True)
class Stream:
    """Event `number` of a seed is always the same one."""

    seed: int
    count: int

    def event(self, number: int) -> dict[str, Any]:
        """Return it as it is handed in: every second one as a platform pushes it, the others as an agent does."""
        told = self._told(number)
        date = f"2026-03-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number % 1_000_000:06}Z"
        detail = {} if "identification" in told.type else {told.type: {"number": number, "note": PADDING}}
        if number % 2:
            return {"type": told.type, "id": told.id, "date": date, "source": told.camera, **detail}
        pushed: dict[str, Any] = {
            "type": told.type,
            "camera": {"id": told.camera, "agent_id": told.agent},
            "event": {"id": told.id, "detection_date": date, "note": PADDING},
        }
        if told.type == "identification":
            groups = [{"id": group, "color": "red.600"} for group in sorted(told.groups)]
            profile = {"id": uid("profile", number % 50), "age": 41}
            pushed["candidates"] = [{"profile": profile, "profile_groups": groups, "confidence": 0.9}]
        return pushed | detail

    @cached_property
    def by_id(self) -> Mapping[str, Told]:
        return {told.id: told for told in map(self._told, range(self.count))}

    def id(self, number: int) -> str:
        return uid(f"event/{self.seed}", number)

    def _told(self, number: int) -> Told:
        dice = random.Random(self.seed * 1_000_003 + number)
        type = dice.choices(list(SHARES), list(SHARES.values()))[0]
        camera = dice.choices(list(CAMERAS), list(CAMERAS.values()))[0]
        pushed = number % 2 == 0
        named = dice.sample(range(GROUPS), dice.randint(0, 2)) if pushed and type == "identification" else []
        return Told(
            id=self.id(number),
            type=type,
            camera=uid("camera", camera),
            agent=uid("agent", dice.randrange(AGENTS)) if pushed else "",
            groups=frozenset(uid("group", each) for each in named),
        )


def of_cameras(*names: str, **conditions: tuple[str, ...]) -> Wish:
    return Wish(cameras=tuple(uid("camera", name) for name in names), **conditions)


def of_groups(*numbers: int) -> Wish:
    return Wish(groups=tuple(uid("group", number) for number in numbers))


def webhooks(steady: str, mortal: str) -> list[Subscriber]:
    """Those who get webhooks, given the addresses of the two receivers' processes.

    About one event of seven is a request: they are sent one after the other, and each costs more than all the rest.
    """
    return [
        Subscriber("healthy", (of_cameras("yard"),), f"{steady}/healthy"),
        Subscriber(
            "watching",
            (of_cameras("gate", groups=(uid("group", 0),)), of_cameras("yard", types=("har",))),
            f"{steady}/watching",
        ),
        Subscriber("flaky", (of_cameras("dock"),), f"{steady}/flaky?fail=0.03"),
        Subscriber("slow", (of_cameras("roof"),), f"{steady}/slow?wait=0.25"),
        Subscriber("mortal", (of_cameras("shed"),), f"{mortal}/mortal"),
    ]


def sockets() -> list[Subscriber]:
    """Those who listen by websocket; a name that ends in `-slowly` reads so."""
    return [
        Subscriber("everything"),
        Subscriber("everything-slowly"),
        Subscriber("one camera", (of_cameras("gate"),)),
        Subscriber("both", (of_cameras("busy", "yard", types=("crossing", "har")),)),
        Subscriber("an agent", (Wish(agents=(uid("agent", 1),)),)),
        # Both filters match many of the events: each of them must come once all the same.
        Subscriber("either", (of_groups(1, 2), Wish(types=("identification",)), of_cameras("roof", "dock"))),
    ]
