"""What was to be written beside what was read back, field by field. Pure."""

from dataclasses import dataclass
from typing import Any

from integrations.sync.readback import same

ABSENT = "–"


@dataclass(frozen=True)
class Compared:
    name: str
    written: Any
    read: Any
    differs: bool


def compare(written: Any, read: Any) -> list[Compared]:
    """Return one row per written field, by dotted name; nothing if either is missing."""
    if not isinstance(written, dict) or not isinstance(read, dict):
        return []
    return [
        Compared(name, value, read.get(name, ABSENT), differs=not same(value, read.get(name)))
        for name, value in written.items()
    ]
