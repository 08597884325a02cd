"""Which endpoints an event goes to: the reference predicate, and an index over many filters. Pure.

An event is its *facts*: by the name of a condition, the values that it has there. A rule is one event filter.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Facts = Mapping[str, Collection[str]]
Conditions = Mapping[str, frozenset[str]]
# Positions of a value with at least this many filters are kept as one bitmap; of fewer, as a list.
DENSE = 32


@dataclass(frozen=True)
class Rule:
    """One event filter: by field the values of which one must be there, and the endpoints it is linked to."""

    key: str
    conditions: Conditions
    endpoints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clause:
    """How one condition of a filter judged an event."""

    field: str
    wanted: tuple[str, ...]
    seen: tuple[str, ...]
    holds: bool


def holds(wanted: frozenset[str], seen: Collection[str]) -> bool:
    """An empty list is no constraint; else one value must be in it."""
    return not wanted or not wanted.isdisjoint(seen)


def matches(rule: Rule, facts: Facts) -> bool:
    """Say whether every condition of the filter holds."""
    return all(holds(wanted, facts.get(field, ())) for field, wanted in rule.conditions.items())


def explained(rule: Rule, facts: Facts) -> list[Clause]:
    """Return each condition that constrains, with the values it saw."""
    return [
        Clause(field, tuple(sorted(wanted)), tuple(sorted(facts.get(field, ()))), holds(wanted, facts.get(field, ())))
        for field, wanted in rule.conditions.items()
        if wanted
    ]


def reference(facts: Facts, *, rules: Iterable[Rule], endpoints: Iterable[str]) -> set[str]:
    """Return the endpoints that get the event, by the rule as it is written: no filter at all, or any that matches."""
    rules = list(rules)
    filtered = {endpoint for rule in rules for endpoint in rule.endpoints}
    told = {endpoint for rule in rules if matches(rule, facts) for endpoint in rule.endpoints}
    return {endpoint for endpoint in endpoints if endpoint in told or endpoint not in filtered}


class _Field:
    """One condition over all filters, as bitmaps: bit n is filter n."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self.free = 0
        found: dict[str, list[int]] = {}
        for position, rule in enumerate(rules):
            if wanted := rule.conditions.get(name):
                for value in wanted:
                    found.setdefault(value, []).append(position)
            else:
                self.free |= 1 << position
        self.having: dict[str, int | tuple[int, ...]] = {
            value: _bitmap(places) if len(places) >= DENSE else tuple(places) for value, places in found.items()
        }

    def letting_through(self, seen: Collection[str]) -> int:
        """Return the filters whose condition holds for these values."""
        found = self.free
        for value in seen:
            places = self.having.get(value, 0)
            found |= places if isinstance(places, int) else _bitmap(places)
        return found


class FilterIndex:
    """All filters of a workspace. A look-up costs a few operations on bitmaps and then what the matching ones cost."""

    def __init__(self, rules: Sequence[Rule], *, endpoints: Iterable[str]) -> None:
        self._rules = list(rules)
        filtered = {endpoint for rule in rules for endpoint in rule.endpoints}
        self._known = frozenset(endpoints)
        self._unfiltered = self._known - filtered
        names = sorted({name for rule in rules for name, wanted in rule.conditions.items() if wanted})
        self._fields = [_Field(name, self._rules) for name in names]
        self._all = (1 << len(self._rules)) - 1

    def rules(self, facts: Facts) -> Iterator[Rule]:
        """Yield the filters that match."""
        found = self._all
        for field in self._fields:
            found &= field.letting_through(facts.get(field.name, ()))
            if not found:
                return
        while found:
            lowest = found & -found
            yield self._rules[lowest.bit_length() - 1]
            found ^= lowest

    def endpoints(self, facts: Facts) -> set[str]:
        """Return the endpoints that get the event, each once."""
        told = {endpoint for rule in self.rules(facts) for endpoint in rule.endpoints}
        return (told & self._known) | self._unfiltered


def _bitmap(places: Iterable[int]) -> int:
    found = 0
    for place in places:
        found |= 1 << place
    return found
