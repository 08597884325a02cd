from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from tests.simulators.clock import Clock
from tests.simulators.faults import FaultPlan
from tests.simulators.record.auth import Credentials
from tests.simulators.record.journal import Journal
from tests.simulators.record.orders import Orders
from tests.simulators.traffic import TrafficLog

KEPT_EVENTS = 200


@dataclass(slots=True)
class KeptReply:
    """The answer given to an Idempotency-Key, with a print of the request that it answered."""

    fingerprint: str
    status: int
    content: Any


class RecordState:
    """All that one sample system of record knows. `idempotency_keys` False: the header is not honoured."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.faults = FaultPlan()
        self.log = TrafficLog()
        self.journal = Journal()
        self.orders = Orders(self.clock, self.journal)
        self.contacts: dict[str, dict[str, Any]] = {}
        self.credentials = Credentials(self.clock)
        self.replies: dict[str, KeptReply] = {}
        self.idempotency_keys = True
        self.public_url = ""
        self.events: deque[Any] = deque(maxlen=KEPT_EVENTS)  # what it was told by whom it subscribed at

    def dump(self) -> dict[str, Any]:
        """All rows as JSON can hold them; of attachments only size and digest, not the bytes."""
        with self.orders.lock:
            return {
                "orders": list(self.orders.rows.values()),
                "children": self.orders.children,
                "contacts": self.contacts,
                "journal": self.journal.as_list(),
                "replies": {key: asdict(reply) for key, reply in self.replies.items()},
            }

    def load(self, kept: dict[str, Any]) -> None:
        """Take the place of whatever is there with what `dump` gave."""
        with self.orders.lock:
            self.orders.clear()
            for row in kept["orders"]:
                self.orders.restore(row)
            self.orders.children.update(kept["children"])
            self.contacts = dict(kept.get("contacts", {}))
            self.journal.restore(kept["journal"])
            self.replies = {key: KeptReply(**reply) for key, reply in kept["replies"].items()}
