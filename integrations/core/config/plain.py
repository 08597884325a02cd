"""Values as a configuration file holds them, compared and shown."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff
from enum import Enum
from typing import Any, Final, TypeAlias

# None, bool, int, float, str, and lists and dictionaries (keys are texts) of them.
Plain: TypeAlias = Any
Path: TypeAlias = tuple[str, ...]


class Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
MOST_SHOWN = 160
MOST_LINES = 60


@dataclass(frozen=True)
class Change:
    """One value that differs. ABSENT: it is not there, before or after."""

    path: Path
    old: Plain
    new: Plain


@dataclass(frozen=True)
class Words:
    """Stands for a value that is not shown, in a change."""

    text: str


def same(one: Plain, other: Plain) -> bool:
    """Tell whether two values are equal in JSON: 1, 1.0 and true differ, the order of keys does not count."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return one is other or canonical(one) == canonical(other)


def canonical(value: Plain) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def ordered(value: Plain) -> Plain:
    """Return the value with the keys of its objects sorted: PostgreSQL keeps no order of them."""
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value)}
    return [ordered(each) for each in value] if isinstance(value, list) else value


def differences(path: Path, old: Plain, new: Plain) -> Iterator[Change]:
    """Yield what differs, each object by its keys."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            yield from differences((*path, name), old.get(name, ABSENT), new.get(name, ABSENT))
    elif not same(old, new):
        yield Change(path, old, new)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that refuses a name: the close match, or all that is known."""
    names = [str(each) for each in known]
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean “{close[0]}”?"
    return f". Known: {', '.join(sorted(names))}." if names else ". There is none."


def described(change: Change) -> list[str]:
    """Return the lines that show a change: old → new, texts of several lines as the lines that differ."""
    name = ".".join(change.path)
    if _is_long(change.old) or _is_long(change.new):
        return [f"{name}:", *(f"  {line}" for line in _line_by_line(change))]
    if change.old is ABSENT:
        return [f"{name}: {shown(change.new)}"]
    if change.new is ABSENT:
        return [f"{name}: {shown(change.old)} → not set"]
    return [f"{name}: {shown(change.old)} → {shown(change.new)}"]


def shown(value: Plain) -> str:
    """Return a value on one line, shortened."""
    if isinstance(value, Words):
        return value.text
    text = json.dumps(value, ensure_ascii=False, sort_keys=isinstance(value, Mapping))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}… ({len(text)} characters)"


def _is_long(value: Plain) -> bool:
    return isinstance(value, str) and "\n" in value.strip("\n")


def _line_by_line(change: Change) -> list[str]:
    old, new = (_lines(each) for each in (change.old, change.new))
    found = [line for line in unified_diff(old, new, n=2, lineterm="") if not line.startswith(("---", "+++"))]
    more = len(found) - MOST_LINES
    return found[:MOST_LINES] + ([f"… and {more} more lines"] if more > 0 else [])


def _lines(value: Plain) -> list[str]:
    return value.splitlines() if isinstance(value, str) else [] if value is ABSENT else [shown(value)]
