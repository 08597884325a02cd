"""What was to be written beside what was read back, field by field. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Compared:
    name: str
    written: Any
    read: Any

    @property
    def differs(self) -> bool:
        return bool(self.written != self.read)


ABSENT = "–"


def compare(written: Any, read: Any) -> list[Compared]:
    """Return one row per written field, by dotted name; nothing if either is not an object."""
    if not isinstance(written, dict) or not isinstance(read, dict):
        return []
    found = dict(_leaves(read))
    return [Compared(name, value, found.get(name, ABSENT)) for name, value in _leaves(written)]


def _leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
