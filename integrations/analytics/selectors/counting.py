"""Counting jobs by narrow classes of times, and reading the few values that figures lie between.

Medians over a million rows would have to be sorted. Instead one pass counts the rows of each class
(`analytics.spread`), and a second reads only the classes in which a median, a 90 % mark or a target lies.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from integrations.analytics.resolution import LeftOut
from integrations.analytics.selectors.chosen import Chosen
from integrations.analytics.spread import bucket_of, median_ranks, p90_ranks

Group = tuple[bool, str | None]  # with call; priority, None for all together
KEYS = ("left_out", "with_call", "priority", "bucket")


def counted(chosen: Chosen) -> Iterator[Any]:
    """Yield (left out, with call, priority, bucket, number, seconds): whole months as tallied, other days counted."""
    months = chosen.months()
    if months is None:
        yield from _count(chosen.rows())
        return
    first, last = months
    tallied = chosen.tallied().values_list(*KEYS).annotate(total=Sum("n"), took=Sum("seconds")).order_by()
    yield from (each for each in tallied if each[-2])
    if first:
        yield from _count(chosen.rows().filter(counted_at__lt=first))
    if last:
        yield from _count(chosen.rows().filter(counted_at__gte=last))


def _count(rows: QuerySet[Any]) -> Any:
    return rows.values_list(*KEYS).annotate(n=Count("*"), total=Sum("seconds")).order_by()


class Moved(Exception):
    """The rows changed between the two readings."""


@dataclass
class Counts:
    """How many jobs of a group are in each class of times, and their seconds together."""

    of: Counter[int] = field(default_factory=Counter)
    n: int = 0
    seconds: float = 0.0

    def add(self, bucket: int, count: int, seconds: float) -> None:
        self.of[bucket] += count
        self.n += count
        self.seconds += seconds

    def places(self, *ranks: int) -> list[tuple[int, int]]:
        """Return for each place from 0, in their order, the class it is in and its place within that class."""
        found, before, left = [], 0, list(ranks)
        for bucket in sorted(self.of):
            while left and left[0] < before + self.of[bucket]:
                found.append((bucket, left.pop(0) - before))
            before += self.of[bucket]
        return found

    def below(self, bucket: int, *, own: bool = False) -> int:
        """Return how many are in the classes before this one, or up to it."""
        return sum(count for each, count in self.of.items() if each < bucket or (own and each == bucket))


class Reading:
    """The counts of one reading by group, what is left out by priority, and the values of some classes."""

    def __init__(self, chosen: Chosen) -> None:
        self.rows, self.targets, self.fewest = chosen.rows(), chosen.targets(), max(chosen.fewest, 1)
        self.groups: dict[Group, Counts] = defaultdict(Counts)
        self.left_out: dict[str | None, Counter[LeftOut]] = defaultdict(Counter)
        self._values: dict[tuple[bool, str | None, int], list[float]] = defaultdict(list)
        for left_out, with_call, priority, bucket, n, seconds in counted(chosen):
            for each in (None, priority):
                if left_out:
                    self.left_out[each][LeftOut[left_out]] += n
                else:
                    self.groups[with_call, each].add(bucket, n, seconds)

    def read(self, shown: Collection[str | None]) -> None:
        """Read the values that the figures of these priorities, and the shares within targets, lie between."""
        classes = {group: self._classes(group, shown) for group in self.groups}
        wanted = Q(pk__in=())
        for (with_call, priority), found in classes.items():
            alone = {} if priority is None else {"priority": priority}
            wanted |= Q(with_call=with_call, bucket__in=sorted(found), **alone) if found else Q(pk__in=())
        rows: Any = self.rows.filter(wanted, left_out="").values_list("with_call", "priority", "bucket", "seconds")
        for with_call, priority, bucket, seconds in rows.order_by():
            for each in (None, priority):
                if bucket in classes.get((with_call, each), ()):
                    self._values[with_call, each, bucket].append(seconds)

    def _classes(self, group: Group, shown: Collection[str | None]) -> set[int]:
        counts, priority = self.groups[group], group[1]
        found = set()
        if priority in shown and counts.n >= self.fewest:
            low, high = p90_ranks(counts.n)[:2]
            found = {bucket for bucket, _ in counts.places(*sorted({*median_ranks(counts.n), low, high}))}
        target = None if priority is None else self.targets.get(priority)
        if target is not None and (aim := bucket_of(target.total_seconds())) in counts.of:
            found.add(aim)
        return found

    def values(self, group: Group, *ranks: int) -> list[float]:
        """Return the values at places from 0 of the sorted group. :raises Moved:"""
        return [self._class(group, bucket)[place] for bucket, place in self.groups[group].places(*ranks)]

    def within(self, group: Group, target: timedelta) -> int:
        """Return how many of the group took as long as the target or less. :raises Moved:"""
        seconds = target.total_seconds()
        bucket, counts = bucket_of(seconds), self.groups[group]
        own = self._class(group, bucket) if bucket in counts.of else []
        return counts.below(bucket) + sum(each <= seconds for each in own)

    def _class(self, group: Group, bucket: int) -> list[float]:
        values = sorted(self._values[(*group, bucket)])
        if len(values) != self.groups[group].of[bucket]:
            raise Moved
        return values
