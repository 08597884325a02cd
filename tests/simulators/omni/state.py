"""What a simulated OMNI Platform knows: its directory, endpoints, filters, events and images."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from threading import RLock
from typing import Any
from uuid import uuid4

from PIL import Image

from tests.simulators.clock import Clock
from tests.simulators.faults import FaultPlan
from tests.simulators.omni import golden
from tests.simulators.omni.golden import Row
from tests.simulators.omni.pushing import Pushing
from tests.simulators.traffic import TrafficLog

KEPT_EVENTS = 5000


@dataclass
class Filter:
    id: str
    name: str | None
    conditions: dict[str, list[str]]
    endpoints: list[str]
    created: str
    modified: str


@dataclass
class Endpoint:
    id: str
    name: str
    type: str
    created: str
    modified: str
    meta: Row = field(default_factory=dict)


@dataclass
class Settings:
    """How this platform differs: its release, whether it tells its schema, and what it calls things instead.

    `renamed`: documented name of a field or an order key → the one that it has here. `open_images`: they are served
    without the token, too.
    """

    release: str = "1.18"
    introspection: bool = True
    main_api: bool = True
    open_images: bool = True
    renamed: dict[str, str] = field(default_factory=dict)


class OmniState:
    def __init__(self) -> None:
        self.lock = RLock()
        self.clock = Clock()
        self.faults = FaultPlan()
        self.log = TrafficLog()
        self.pushing = Pushing()
        self.public_url = ""
        self.clear()

    def clear(self) -> None:
        self.settings = Settings()
        self.token, self.workspace = golden.TOKEN, golden.WORKSPACE
        self.agents, self.cameras = golden.agents(), golden.cameras()
        self.groups, self.profiles = golden.groups(), golden.profiles()
        self.endpoints: dict[str, Endpoint] = {}
        self.filters: dict[str, Filter] = {}
        self.events: list[Row] = []
        self.stored_at: dict[str, str] = {}
        self.images_dropped: set[str] = set()
        # By id: what is answered instead of a picture: status, headers, body.
        self.images_instead: dict[str, tuple[int, dict[str, str], bytes]] = {}
        # What somebody set up or took away, in order: ("create", "endpoint", id).
        self.changes: list[tuple[str, str, str]] = []

    def stamp(self) -> str:
        return api_time(self.clock.now())

    def store(self, event: Row) -> None:
        """Keep an event for the API; the oldest go when there are too many."""
        self.events.append(event)
        self.stored_at[event["event"]["id"]] = self.stamp()
        for old in self.events[:-KEPT_EVENTS]:
            self.stored_at.pop(old["event"]["id"], None)
        del self.events[:-KEPT_EVENTS]

    def audience(self, event: Row) -> list[Endpoint]:
        """The endpoints that get an event: without a filter all of them, else those of which one matches."""
        return [each for each in self.endpoints.values() if self._goes_to(each.id, event)]

    def _goes_to(self, endpoint: str, event: Row) -> bool:
        linked = [each for each in self.filters.values() if endpoint in each.endpoints]
        return not linked or any(matches(each.conditions, event) for each in linked)

    def group_rows(self, profile: Row) -> list[Row]:
        return [{"id": each, "color": self.groups[each]["info"]["color"]} for each in profile["groups"]]


def matches(conditions: dict[str, list[str]], event: Row) -> bool:
    """The predicate of the sheet, 3.2."""
    candidates = event.get("candidates") or ()
    seen = {
        "cameraIds": {event["camera"]["id"]},
        "agentIds": {event["camera"].get("agent_id")},
        "eventTypes": {event["type"].upper()},
        "profileGroupIds": {group["id"] for each in candidates for group in each["profile_groups"]},
    }
    return all(not wanted or not seen[name].isdisjoint(wanted) for name, wanted in conditions.items())


def api_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def push_time(moment: datetime, *, fraction: bool = True) -> str:
    """The form of pushes: a space instead of the T; a whole second may come without a fraction."""
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="microseconds" if fraction else "seconds")


def new_id() -> str:
    return str(uuid4())


def picture(text: str) -> bytes:
    """A small JPEG whose colour depends on its id."""
    red, green, blue = (int(text[index : index + 2], 16) for index in (0, 2, 4))
    content = BytesIO()
    Image.new("RGB", (64, 48), (red, green, blue)).save(content, "JPEG")
    return content.getvalue()


def described(value: Any) -> Row:
    """A row of endpoints or filters as the API shows it."""
    found: Row = {"id": value.id, "name": value.name, "creationDate": value.created, "lastModified": value.modified}
    return found
