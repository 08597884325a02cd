"""A script's run, as the ledger sees it: effects with their places, and secrets that are put in at the last moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sync import scripted
from integrations.sync.models import Operation
from integrations.sync.scripted import Effect, Performed, RawRequest, Reply
from tests.sync.conftest import NUMBER, House

SECRET, HANDLE = "s3cr3t-value", "⟦secret:TOKEN:0a1b⟧"
NOTES = f"/api/orders/{NUMBER}/notes"


def fill(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(HANDLE, SECRET)
    if isinstance(value, Mapping):
        return {name: fill(each) for name, each in value.items()}
    return [fill(each) for each in value] if isinstance(value, list) else value


@dataclass
class ScriptRun:
    """One try of run `number` of the script `push`; a new object is a new try."""

    house: House
    number: int = 12
    asked: int = 0
    values: dict[str, Any] = field(default_factory=dict)

    def effect(self, *, key: str = "") -> Effect:
        self.asked += 1
        values: dict[str, Any] = {"source_type": "test.visit", "source_id": "v1", "record_key": NUMBER}
        return Effect(
            connection=self.house.connection,
            origin=f"scriptrun/{self.number}",
            ordinal=self.asked,
            name=f"push:{key}" if key else f"push#{self.asked}",
            subject=self.house.subject,
            occurred_at=self.house.time.now(),
            **values | self.values,
        )

    def send(self, method: str = "POST", path: str = NOTES, *, key: str = "", **values: Any) -> Reply:
        if not values.keys() & {"json", "form", "text", "document"}:
            values["json"] = {"body": "by a script"}
        request = RawRequest(method=method, path=path, **values)
        return scripted.send_raw(self.effect(key=key), request, fill=fill, now=self.house.time.now())

    def perform(self, operation: Operation, *, key: str = "", **given: Any) -> Performed:
        effect = self.effect(key=key)
        return scripted.perform(effect, operation=operation, given=given, now=self.house.time.now())
