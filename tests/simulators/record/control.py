"""What a test or a drill can do to the system of record; `/_sim/…` offers the same over HTTP."""

from datetime import datetime
from typing import Any

from tests.simulators.faults import Fault
from tests.simulators.record.auth import Credentials
from tests.simulators.record.orders import Row
from tests.simulators.record.state import RecordState


class RecordControl:
    def __init__(self, state: RecordState) -> None:
        self.state = state
        self.journal = state.journal

    @property
    def credentials(self) -> Credentials:
        return self.state.credentials

    def add_order(self, number: str, **fields: Any) -> Row:
        """Also for a number that is taken: then a search finds several."""
        return self.state.orders.add(number, **fields)

    def add_orders(self, prefix: str = "WO-", *, first: int = 1, count: int = 1, digits: int = 6) -> int:
        """Create many; those that exist already are left alone. Returns how many were created."""
        numbers = [f"{prefix}{number:0{digits}d}" for number in range(first, first + count)]
        missing = [number for number in numbers if not self.state.orders.with_number(number)]
        for number in missing:
            self.state.orders.add(number)
        return len(missing)

    def order(self, number: str) -> Row:
        return dict(self.state.orders.get(number))

    def children(self, number: str, kind: str) -> list[Row]:
        """`kind`: notes, attachments or sessions."""
        return list(self.state.orders.children[self.state.orders.get(number)["id"]][kind])

    def contacts(self) -> list[Row]:
        return list(self.state.contacts.values())

    def change_order(self, number: str, **fields: Any) -> Row:
        """A change by somebody else: not an effect of ours, so not in the journal."""
        with self.state.orders.lock:
            row = self.state.orders.get(number)
            row |= {**fields, "updated_at": self.state.orders.now()}
            return row

    def close_order(self, number: str) -> Row:
        return self.change_order(number, closed=True, status="closed", resolved_at=self.state.orders.now())

    def fault(self, kind: str, **values: Any) -> Fault:
        """Add a fault, see `faults.Fault` for the values."""
        return self.state.faults.add(Fault(kind, **values))  # type: ignore[arg-type]  # checked by Fault itself

    def clear_faults(self, *, seed: int | None = None) -> None:
        self.state.faults.clear(seed=seed)

    def set_clock(self, at: str, *, frozen: bool = True) -> None:
        self.state.clock.set(datetime.fromisoformat(at), frozen=frozen)

    def advance_clock(self, seconds: float) -> None:
        self.state.clock.advance(seconds)

    def effects(self, record: str | None = None, what: str | None = None) -> list[dict[str, Any]]:
        return self.state.journal.as_list(record=record, what=what)

    def reset(self) -> None:
        """Back to an empty system as it started."""
        self.state.orders.clear()
        self.state.contacts.clear()
        self.state.journal.effects.clear()
        self.state.events.clear()
        self.state.replies.clear()
        self.state.faults.clear(seed=0)
        self.state.log.clear()
        self.state.clock.release()
        self.state.credentials = Credentials(self.state.clock)
