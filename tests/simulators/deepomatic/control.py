"""What a test or a demonstration can do to the simulated site; `/_sim/…` offers the same over HTTP."""

from typing import Any

from tests.simulators.deepomatic.camera import CameraInterface
from tests.simulators.deepomatic.state import SiteState
from tests.simulators.faults import Fault


class SiteControl:
    def __init__(self, state: SiteState, camera: CameraInterface) -> None:
        self.state, self.camera = state, camera

    def fault(self, kind: str, **values: Any) -> Fault:
        return self.state.faults.add(Fault(kind, **values))  # type: ignore[arg-type]  # checked by Fault itself

    def clear_faults(self) -> None:
        self.state.faults.clear(seed=0)

    def answer(self, **values: Any) -> None:
        """What the models find from now on, by task name: null, if they decline; a function is given the input."""
        self.state.answers |= values

    def find(self, *messages: Any) -> None:
        """Data-conformity messages of the photos from now on: objects, or `severity::code::message`."""
        self.state.messages = list(messages)

    def upgrade(self) -> int:
        """A new version of the application: all ids of tasks and task groups change, no name does."""
        self.state.catalogue.version += 1
        return self.state.catalogue.version

    def expire_key(self, key: str = "another-key") -> None:
        self.state.api_key = key

    def orders(self) -> list[dict[str, Any]]:
        return [
            {"id": each.id, "name": each.name, "metadata": each.metadata, "inputs": [row.id for row in each.inputs]}
            for each in self.state.orders.values()
        ]

    def effects(self, what: str | None = None) -> list[dict[str, Any]]:
        return self.state.journal.as_list(what=what)

    def reset(self) -> None:
        self.state.clear()
        self.state.journal.effects.clear()
        self.state.faults.clear(seed=0)
        self.state.log.clear()
        self.state.clock.release()
