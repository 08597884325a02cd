"""A JSON object of named fields, as a part of a configuration file: credentials, settings, the proof of a source."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from integrations.connections.schema import Field
from integrations.core.config import references
from integrations.core.config.documents import Place
from integrations.core.config.parts import Entry, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain, differences, nearest, ordered

# The other values of the entry, or of the row, to the fields; None: they are not known.
FieldsOf = Callable[[Mapping[str, Plain]], Sequence[Field] | None]


class SchemaObject(Part):
    """Only what differs from the schema's defaults is kept; secret fields are references.

    `depends`: the parts that decide which fields there are, with their defaults; they come before it in the section.
    """

    def __init__(self, name: str, fields_of: FieldsOf, *, depends: Mapping[str, Plain]) -> None:
        self.name, self.covers, self._fields_of, self.depends = name, (name,), fields_of, depends

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        held = self._held(row)
        shown = {
            each.name: writer.names.reference((*path, each.name)) if each.is_secret else ordered(held[each.name])
            for each in self._fields(row)
            if each.name in held
        }
        return shown or ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        fields = self._fields_of({**self.depends, **entry})
        if fields is None or value is None:  # what they depend on is refused itself
            return ABSENT
        if not isinstance(value, dict):
            place.refuse("it must be an object, values by their names.")
            return ABSENT
        known = {each.name: each for each in fields}
        for name in (each for each in value if each not in known):
            (place / name).refuse(f"unknown field “{name}”{nearest(name, known)}")
        read = {name: _read(known[name], value[name], place / name) for name in known if name in value}
        return {name: each for name, each in read.items() if each is not ABSENT} or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        held = {} if step.fresh else self._held(row)
        given = {} if value is ABSENT else dict(value)
        fields = {each.name: each for each in self._fields(row)}
        wanted = dict(given)
        for name in (name for name in given if fields[name].is_secret):
            place = step.place / self.name / name
            wanted[name] = references.settled(given[name], held.get(name, ""), place=place, resolve=step.resolve)
        changes = [
            change
            for name in sorted({*held, *wanted})
            for change in self._changes(fields.get(name), name, held.get(name, ABSENT), wanted.get(name, ABSENT), given)
        ]
        if changes:
            setattr(row, self.name, wanted)
        yield from changes

    def _changes(self, field: Field | None, name: str, old: Plain, new: Plain, given: Entry) -> Iterator[Change]:
        if field is not None and not field.is_secret:
            yield from differences((self.name, name), old, new)
        elif old != new:
            yield Change((self.name, name), *references.as_change(given.get(name, ABSENT), _set(old), _set(new)))

    def _fields(self, row: Any) -> Sequence[Field]:
        return self._fields_of({name: str(getattr(row, name)) for name in self.depends}) or ()

    def _held(self, row: Any) -> dict[str, Plain]:
        """Return what is kept, without what says nothing: empty values and defaults."""
        defaults = {each.name: each.default for each in self._fields(row)}
        held = (getattr(row, self.name) or {}).items()
        return {name: value for name, value in held if value not in (None, "", []) and value != defaults.get(name)}


def _set(value: Plain) -> str:
    return "" if value is ABSENT or not value else "set"


def _read(field: Field, value: Plain, place: Place) -> Plain:
    if field.is_secret:
        return references.read(value, place)
    if problem := field.problem(value):
        place.refuse(problem)
        return ABSENT
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ABSENT if value in (None, "", []) or value == field.default else value
