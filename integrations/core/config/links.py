"""Many-to-many fields, as lists of what the other rows are called."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model

from integrations.core.config.documents import Place
from integrations.core.config.naming import key_of
from integrations.core.config.parts import Entry, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain, nearest


class Links(Part):
    """The rows that a row is linked to, each by the last word of what it is called, in one order.

    The links as they will be are `linked(row, name)`; the section's `save` writes them, after the row.
    """

    def __init__(self, model: type[Model], name: str) -> None:
        self.column: Any = model._meta.get_field(name)
        self.name = name

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        return _words(linked(row, self.name)) or ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if value is None:
            return ABSENT
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            place.refuse("it must be a list of what the other entries are called.")
            return ABSENT
        return sorted(set(value)) or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        before = ABSENT if step.fresh else _words(linked(row, self.name)) or ABSENT
        found = [self._found(word, step) for word in (() if value is ABSENT else value)]
        known = [each for each in found if each is not None]
        setattr(row, _kept(self.name), known)
        step.needs.extend(known)
        yield from self.compare(before, value)

    def _found(self, word: str, step: Step) -> Any:
        other: type[Model] = self.column.related_model
        found = step.known.find(other, (word,))
        if found is None:
            known = nearest(word, step.known.names(other, ()))
            (step.place / self.name).refuse(f"there is no {other._meta.verbose_name} “{word}”{known}")
        return found


def linked(row: Any, name: str) -> Sequence[Any]:
    """Return what a row is linked to as it will be: what a file has put, else what is stored."""
    put: Sequence[Any] | None = getattr(row, _kept(name), None)
    if put is not None:
        return put
    return [] if row._state.adding else list(getattr(row, name).all())


def _kept(name: str) -> str:
    return f"given_{name}"


def _words(rows: Sequence[Any]) -> list[str]:
    return sorted(key_of(each)[-1] for each in rows)
