from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Effect:
    """One change that was really carried out. `key` is the Idempotency-Key, else the external key; "" if none."""

    number: int
    what: str
    record: str
    key: str
    at: str
    content: dict[str, Any]


class Journal:
    """Every applied effect in order, so that a test can count doubles."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self._count = 0

    def add(self, what: str, *, record: str, key: str, at: str, content: dict[str, Any]) -> None:
        self._count += 1
        self.effects.append(Effect(self._count, what, record, key, at, content))

    def restore(self, effects: list[dict[str, Any]]) -> None:
        self.effects = [Effect(**each) for each in effects]
        self._count = max((each.number for each in self.effects), default=0)

    def forget(self, *, keep: int) -> None:
        """Drop all but the latest effects: a demonstration runs for days."""
        del self.effects[: max(len(self.effects) - keep, 0)]

    def of(self, record: str, what: str | None = None) -> list[Effect]:
        return [each for each in self.effects if each.record == record and what in (None, each.what)]

    def as_list(self, *, record: str | None = None, what: str | None = None) -> list[dict[str, Any]]:
        wanted = (each for each in self.effects if record in (None, each.record) and what in (None, each.what))
        return [asdict(each) for each in wanted]
