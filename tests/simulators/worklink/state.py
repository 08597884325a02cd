from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import RLock
from typing import Any

from tests.simulators.clock import Clock, iso
from tests.simulators.engine.resolving import Doc
from tests.simulators.faults import FaultPlan
from tests.simulators.traffic import TrafficLog
from tests.simulators.worklink import seed
from tests.simulators.worklink.access import Token, Tokens
from tests.simulators.worklink.nodes import Nodes
from tests.simulators.worklink.outgoing import Outgoing
from tests.simulators.worklink.settings import WebhookSettings, WorkLinkSettings


class WorkLinkState:
    """All that one simulated CMS knows. Hold `lock` while reading or changing more than one thing."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.clock = Clock()
        self.faults = FaultPlan()
        self.log = TrafficLog()
        self.nodes = Nodes()
        self.tokens = Tokens(self.clock)
        self.settings = WorkLinkSettings()
        self.webhooks = WebhookSettings()
        self.outgoing = Outgoing()
        self.public_url = ""
        self.plant()

    def plant(self) -> None:
        """The seed data into an empty CMS."""
        seed.plant(self.nodes)
        self.tokens.set_up(self.nodes.all("Group")[0]["id"])

    def dump(self) -> dict[str, Any]:
        """All nodes as JSON can hold them; pictures are made again from their ids."""
        with self.lock:
            docs = self.nodes.by_id.values()
            return {"nodes": [{name: value for name, value in doc.items() if name != "_content"} for doc in docs]}

    def load(self, kept: dict[str, Any]) -> None:
        """Take the place of whatever is there with what `dump` gave."""
        with self.lock:
            self.nodes.clear()
            for doc in kept["nodes"]:
                self.nodes.put(doc)
            self.tokens.set_up(self.nodes.all("Group")[0]["id"])

    def now(self) -> str:
        return iso(self.clock.now())

    def typename(self, doc: Doc) -> str:
        """The name of the document's type in this installation's schema."""
        name: str = doc["__typename"]
        return self.settings.call_type if name == "CallSession" else name

    def object_url(self, node_id: str) -> str:
        return f"{self.public_url}/api/v3/graphql/object/{node_id}"


@dataclass(frozen=True)
class View:
    """The CMS as one caller sees it: the context of every resolver."""

    state: WorkLinkState
    token: Token

    @property
    def lock(self) -> AbstractContextManager[Any]:
        return self.state.lock

    def typename(self, doc: Doc) -> str:
        return self.state.typename(doc)
