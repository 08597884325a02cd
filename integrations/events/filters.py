"""Which endpoints an event goes to: the reference predicate, and an index over many filters. Pure.

An event is its *facts*: by the name of a condition, the values that it has there. A rule is one event filter.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Facts = Mapping[str, Collection[str]]
Conditions = Mapping[str, frozenset[str]]


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


# The other fields that filters constrain, and the places of these filters.
_Group = tuple[tuple[str, ...], frozenset[int]]


class FilterIndex:
    """All filters of a workspace, found by the rarest of their conditions.

    A look-up costs what the few filters cost that want the event's camera, say; not what all filters do.
    """

    def __init__(self, rules: Sequence[Rule], *, endpoints: Iterable[str]) -> None:
        self._rules = list(rules)
        self._told = [rule.endpoints for rule in rules]
        self._known = frozenset(endpoints)
        self._unfiltered = self._known.difference(*self._told)
        # Field → value → places of the filters that want it.
        self._having: dict[str, dict[str, set[int]]] = {}
        for place, rule in enumerate(rules):
            for field, wanted in rule.conditions.items():
                for value in wanted:
                    self._having.setdefault(field, {}).setdefault(value, set()).add(place)
        self._free = frozenset(place for place, rule in enumerate(rules) if not any(rule.conditions.values()))
        self._first = self._by_rarest()

    def _by_rarest(self) -> dict[str, dict[str, tuple[_Group, ...]]]:
        """Return field → value → filters, where each filter is at its rarest field only."""
        found: dict[str, dict[str, dict[tuple[str, ...], list[int]]]] = {}
        for place, rule in enumerate(self._rules):
            first, *others = self._rarest_first(rule) or [""]
            for value in rule.conditions.get(first, ()):
                found.setdefault(first, {}).setdefault(value, {}).setdefault(tuple(others), []).append(place)
        return {
            field: {
                value: tuple((others, frozenset(places)) for others, places in groups.items())
                for value, groups in values.items()
            }
            for field, values in found.items()
        }

    def _rarest_first(self, rule: Rule) -> list[str]:
        crowds = {
            field: max(len(self._having[field][value]) for value in wanted)
            for field, wanted in rule.conditions.items()
            if wanted
        }
        return sorted(crowds, key=crowds.__getitem__)

    def rules(self, facts: Facts) -> list[Rule]:
        """Return the filters that match, in their order."""
        return [self._rules[place] for place in sorted(self._places(facts))]

    def endpoints(self, facts: Facts) -> set[str]:
        """Return the endpoints that get the event, each once."""
        told = {endpoint for place in self._places(facts) for endpoint in self._told[place]}
        return (told & self._known) | self._unfiltered

    def _places(self, facts: Facts) -> set[int]:
        found = set(self._free)
        for field, by_value in self._first.items():
            for value in facts.get(field, ()):
                for others, places in by_value.get(value, ()):
                    found |= self._narrowed(places, others, facts) if others else places
        return found

    def _narrowed(self, places: AbstractSet[int], others: Iterable[str], facts: Facts) -> AbstractSet[int]:
        for field in others:
            having = self._having[field]
            some = [places & having[value] for value in facts.get(field, ()) if value in having]
            places = some[0] if len(some) == 1 else set().union(*some)
            if not places:
                break
        return places
