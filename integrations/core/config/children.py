"""Rows that belong to an entry, as a list in it: the fields of a mapping."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from integrations.core.config.documents import Place
from integrations.core.config.entries import read_parts, refuse_invalid
from integrations.core.config.parts import Entry, Link, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain, differences
from integrations.core.config.reading import item
from integrations.core.config.references import Names

Judge = Callable[[Sequence[Entry]], Iterable[tuple[int, str, str]]]


class Children(Part):
    """A list of rows with a foreign key to the entry's own, made of columns and links, each called by its `key`.

    The list is the whole: a row that is not in it goes. `order` is a column of numbers that the file does not show; ""
    if their order means nothing. `judge(items)` yields (index, part, sentence) for items that do not go together.
    """

    def __init__(
        self,
        name: str,
        model: type[Model],
        *,
        parent: str,
        key: str,
        parts: Sequence[Part],
        order: str = "",
        judge: Judge | None = None,
    ) -> None:
        self.name, self.model, self.parent, self.key, self.order = name, model, parent, key, order
        self.parts, self.judge = tuple(parts), judge

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        return self._listed(self.inside(row), path, writer)

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if value is None:
            return ABSENT
        if not isinstance(value, list):
            place.refuse(f"it must be a list; each item has “{self.key}”.")
            return ABSENT
        found = [read_parts(self.parts, each, place / item(index)) for index, each in enumerate(value)]
        for index, name, sentence in self._faults(found):
            (place / item(index) / name).refuse(sentence)
        return (found if self.order else sorted(found, key=lambda each: str(each.get(self.key)))) or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        wanted: list[Entry] = [] if value is ABSENT else value
        rows = self.inside(row)
        there = {getattr(child, self.key): child for child in rows}
        before = self._listed(rows, (), Writer(Names()))
        kept = [there.pop(each[self.key], None) or self.model(**{self.parent: row}) for each in wanted]
        step.deletes.extend(there.values())
        changed = [
            self._put_one(row, child, each, replace(step, place=step.place / self.name / item(index)))
            for index, (child, each) in enumerate(zip(kept, wanted, strict=True))
        ]
        moved = self._put_in_order(kept)
        step.saves.extend(
            child for child, first, then in zip(kept, changed, moved, strict=True) if first or then or child.pk is None
        )
        yield from self.compare(before, value)

    def compare(self, old: Plain, new: Plain) -> Iterator[Change]:
        one, other = (self._by_key(each) for each in (old, new))
        yield from differences((self.name,), one, other)
        order = [list(each) for each in (one, other)]
        if order[0] != order[1] and set(order[0]) == set(order[1]):
            yield Change((self.name, "order"), *order)

    def inside(self, row: Any) -> list[Any]:
        """Return the rows as they stand, in their order."""
        if row.pk is None:
            return []
        links = [part.name for part in self.parts if isinstance(part, Link)]
        found = list(self.model._default_manager.filter(**{self.parent: row.pk}).select_related(*links))
        by_name = sorted(found, key=lambda each: str(getattr(each, self.key)))
        return sorted(found, key=lambda each: (getattr(each, self.order), each.pk)) if self.order else by_name

    def _faults(self, found: Sequence[Entry]) -> Iterator[tuple[int, str, str]]:
        names = [each.get(self.key) for each in found]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield index, self.key, f"“{name}” is there twice."
        yield from self.judge(found) if self.judge else ()

    def _put_one(self, row: Any, child: Any, values: Entry, step: Step) -> bool:
        inner = replace(step, fresh=child.pk is None)
        changes = [each for part in self.parts for each in part.put(child, values.get(part.name, ABSENT), inner)]
        if changes:
            self._check(row, child, inner)
        return bool(changes)

    def _check(self, row: Any, child: Any, step: Step) -> None:
        """Judge it below an entry that looks unsaved: the rows beside it in the database may be about to change."""
        alone = copy(row)
        alone.pk = None
        setattr(child, self.parent, alone)
        links = [each.name for each in self.model._meta.fields if each.is_relation]
        try:
            child.full_clean(exclude=links)
        except ValidationError as error:
            refuse_invalid(error, step.place, parts=self.parts)
        setattr(child, self.parent, row)

    def _put_in_order(self, kept: Sequence[Any]) -> list[bool]:
        """Give new rows their number; number all anew only if the order is another one. Return which rows changed."""
        last: tuple[float, float] = (-1, math.inf)
        if not self.order:
            return [False] * len(kept)
        for child in kept:
            if child.pk is None:
                setattr(child, self.order, int(last[0]) + 1)
            here = (getattr(child, self.order), child.pk or math.inf)
            if here < last:
                return [self._number(each, index) for index, each in enumerate(kept)]
            last = here
        return [False] * len(kept)

    def _number(self, child: Any, index: int) -> bool:
        changes = bool(getattr(child, self.order) != index)
        setattr(child, self.order, index)
        return changes

    def _listed(self, rows: Sequence[Any], path: Path, writer: Writer) -> Plain:
        listed = [{part.name: part.show(each, path, writer) for part in self.parts} for each in rows]
        return [{name: value for name, value in each.items() if value is not ABSENT} for each in listed] or ABSENT

    def _by_key(self, value: Plain) -> Mapping[str, Plain]:
        return {} if value is ABSENT else {str(each[self.key]): each for each in value}
