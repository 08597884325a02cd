"""External data as flat pairs and back: `list[]=x`, `outer[inner]=x`. Pure (section 2.3 of the sheet)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from integrations.platforms.worklink.links.refusals import LinkRefused

Value: TypeAlias = "str | list[str] | dict[str, Value]"
Data: TypeAlias = dict[str, Value]

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
DEEPEST = 8


def pairs_of(data: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield the flat pairs, in order. Raises LinkRefused: `bad_key`, `bad_value`."""
    for key, value in data.items():
        _check(key)
        yield from _flat(key, value, depth=1)


def _flat(path: str, value: Value, *, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif not value:
        raise LinkRefused("bad_value", f"“{path}” is empty: a link cannot carry an empty list or object.")
    elif isinstance(value, Mapping):
        if depth > DEEPEST:
            raise LinkRefused("bad_value", f"“{path[:80]}” is nested deeper than {DEEPEST} levels.")
        for inner, below in value.items():
            _check(inner)
            yield from _flat(f"{path}[{inner}]", below, depth=depth + 1)
    elif isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        yield from ((f"{path}[]", item) for item in value)
    else:
        raise LinkRefused("bad_value", f"“{path}” may hold texts, lists of texts and objects of them, nothing else.")


def _check(key: str) -> None:
    if not KEY.fullmatch(key):
        raise LinkRefused(
            "bad_key", f"“{key[:80]}” is no name: a letter, then up to 63 letters, digits or underscores."
        )


class Nest:
    """Puts pairs together again. What cannot be nested stays flat, with a warning: nothing is dropped unsaid."""

    def __init__(self, warnings: list[str]) -> None:
        self.data: Data = {}
        self._warnings = warnings

    def add(self, key: str, value: str) -> None:
        found = BRACKETED.fullmatch(key)
        if not found:
            if "[" in key or "]" in key:
                self._warnings.append(f"“{key[:80]}” is not a nested name that is understood; it stays as it is.")
            return self._put(self.data, key, value, shown=key)
        inner = found[2][1:-1].split("][")
        if len(inner) > DEEPEST or not all(inner[:-1]):
            self._warnings.append(f"“{key[:80]}” is not a nested name that is understood; it stays as it is.")
            return self._put(self.data, key, value, shown=key)
        self._nest(found[1], inner, value, shown=key)

    def _nest(self, name: str, inner: list[str], value: str, *, shown: str) -> None:
        place = self.data
        for below in inner[:-1] if not inner[-1] else inner:
            place, name = self._object(place, name, shown=shown), below
        if inner[-1]:
            return self._put(place, name, value, shown=shown)
        items = place.get(name)
        if not isinstance(items, list):
            if items is not None:
                self._twice(shown)
            items = place[name] = []
        items.append(value)

    def _object(self, place: Data, name: str, *, shown: str) -> Data:
        there = place.get(name)
        if not isinstance(there, dict):
            if there is not None:
                self._twice(shown)
            there = place[name] = {}
        return there

    def _put(self, place: Data, name: str, value: str, *, shown: str) -> None:
        if name in place:
            self._twice(shown)
        place[name] = value

    def _twice(self, shown: str) -> None:
        self._warnings.append(f"“{shown[:80]}” is there twice, or as two kinds of value; the last one counts.")
