"""What an entry of a section is made of: each part reads one key of the file, shows it, and puts it on a row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Protocol

from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from integrations.core.config.documents import Place
from integrations.core.config.naming import column_of, key_of
from integrations.core.config.plain import ABSENT, Change, Path, Plain, differences, nearest, ordered, same
from integrations.core.config.references import Names, Resolve

Entry = Mapping[str, Plain]


@dataclass
class Writer:
    """Where an export goes: what secrets are called, and the texts and pictures that stand in files beside it.

    `files` is None where there is no directory for them: then texts stand in the YAML itself.
    """

    names: Names
    files: dict[str, str | bytes] | None = None


class Finder(Protocol):
    """Finds rows by what they are called, in the file and in the database."""

    def find(self, model: type[Model], key: Path) -> Any: ...

    def names(self, model: type[Model], within: Path) -> list[str]: ...

    def rows(self, model: type[Model]) -> Mapping[Path, Any]: ...


@dataclass
class Step:
    """One entry on its way to a row. `fresh`: there is no such row yet; `saves`, `deletes`: rows that belong to it.

    `needs`: rows that what belongs to it links to, and that come before it.
    """

    place: Place
    fresh: bool
    known: Finder
    resolve: Resolve
    saves: list[Any] = field(default_factory=list)
    deletes: list[Any] = field(default_factory=list)
    needs: list[Any] = field(default_factory=list)


class Part:
    """One key of an entry. `covers`: the model's fields that it fills; `required`: an entry without it is refused.

    `kept`: where it is not there the row keeps what it has (a switch of operators, the time of a creation); any other
    part falls back to its default. Values are plain; ABSENT stands for the default.
    """

    name: str
    covers: tuple[str, ...] = ()
    required: bool = False
    kept: bool = False
    default: Plain = ABSENT  # what ABSENT stands for, where that is a value of its own

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        """Return the row's value as the file has it."""
        raise NotImplementedError

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        """Return the value in its one form; refuse what is wrong at its place. `entry`: the parts read before it."""
        raise NotImplementedError

    def put(self, row: Any, value: Plain, step: Step) -> Iterable[Change]:
        """Set it on the row in memory, and say what that changes."""
        raise NotImplementedError

    def inside(self, row: Any) -> Sequence[Any]:
        """Return the rows of another table that are part of the entry, and go with it."""
        return ()

    def compare(self, old: Plain, new: Plain) -> Iterable[Change]:
        """Say how two values, as they were read, differ."""
        return differences((self.name,), old, new)


def text(value: Plain) -> Plain:
    if not isinstance(value, str):
        raise ValueError("it must be a text" + (", in quotes." if isinstance(value, int | float) else "."))
    return value


def boolean(value: Plain) -> Plain:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false.")
    return value


def integer(value: Plain) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("it must be a whole number.")
    return value


def number(value: Plain) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("it must be a number.")
    return float(value)


def moment(value: Plain) -> Plain:
    """Return a time in UTC, as exact as it is."""
    try:
        at = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:  # of the right form, and no such day
        at = None
    if at is None or timezone.is_naive(at):
        raise ValueError("it must be a time with its offset, such as 2026-03-01T12:00:00Z.")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


_KINDS: dict[str, Callable[[Plain], Plain]] = {
    "BooleanField": boolean,
    "PositiveIntegerField": integer,
    "PositiveSmallIntegerField": integer,
    "PositiveBigIntegerField": integer,
    "IntegerField": integer,
    "FloatField": number,
    "DateTimeField": moment,
    "JSONField": ordered,
}


class Column(Part):
    """A column of the model, under its own name; a time that is the moment of creation by default is kept."""

    def __init__(self, model: type[Model], name: str, *, kept: bool = False) -> None:
        self.column = column_of(model, name)
        self.name, self.covers = name, (name,)
        self.kind = _KINDS.get(self.column.get_internal_type(), text)
        varies = self.kind is moment and callable(self.column.default)
        self.kept = kept or varies
        self.required = not (self.column.has_default() or self.column.null or self.column.blank)
        if not varies and not self.required:
            self.default = self._plain(self.column.get_default())

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        return self._unless_default(self._plain(getattr(row, self.name)))

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if value is None and self.column.null:
            return self._unless_default(None)
        try:
            found = self.kind(value)
        except ValueError as error:
            place.refuse(str(error))
            return ABSENT
        choices = [str(each) for each, _label in self.column.flatchoices]
        if choices and found not in choices:
            place.refuse(f"“{found}” is none of its values{nearest(str(found), choices)}")
        return self._unless_default(found)

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        if value is ABSENT and (self.kept or step.fresh):
            return
        given = self.default if value is ABSENT else value
        old = ABSENT if step.fresh else self._plain(getattr(row, self.name))
        if not same(old, given):
            setattr(row, self.name, parse_datetime(given) if self.kind is moment and given else given)
            yield from self.compare(old, given)

    def _unless_default(self, value: Plain) -> Plain:
        return ABSENT if not self.kept and same(value, self.default) else value

    def _plain(self, value: Any) -> Plain:
        if value is None:
            return None
        if self.kind is moment:
            return moment(value.isoformat())
        if self.kind is text:
            return str(value)
        return self.kind(value)


def columns(model: type[Model], *names: str) -> tuple[Column, ...]:
    """Return a part for each of these fields of the model."""
    return tuple(Column(model, name) for name in names)


class Link(Part):
    """A foreign key, by the last word of what the other row is called.

    `within`: how many words of the entry's own key come before it; `default`: the word where none is given.
    """

    def __init__(self, model: type[Model], name: str, *, within: int = 0, default: str = "") -> None:
        self.column = column_of(model, name)
        self.name, self.covers, self.within = name, (name,), within
        self.default = default or ABSENT
        self.required = not (default or self.column.null)

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        word = self._word(row)
        return ABSENT if not word or word == self.default else word

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if value is None and self.column.null:
            return ABSENT
        if not isinstance(value, str) or not value:
            place.refuse("it must be what the other entry is called.")
            return ABSENT
        return ABSENT if value == self.default else value

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        word = self.default if value is ABSENT else value
        before = ABSENT if step.fresh else self._word(row) or ABSENT
        setattr(row, self.name, None if word is ABSENT else self._found(word, step))
        if word != before and not (step.fresh and value is ABSENT):
            yield Change((self.name,), before, word)

    def _word(self, row: Any) -> str:
        other = getattr(row, self.name)
        return "" if other is None else key_of(other)[-1]

    def _found(self, word: str, step: Step) -> Any:
        within = step.place.path[1 : 1 + self.within]
        other: type[Model] = self.column.related_model
        found = step.known.find(other, (*within, word))
        if found is None:
            known = nearest(word, step.known.names(other, within))
            (step.place / self.name).refuse(f"there is no {other._meta.verbose_name} “{word}”{known}")
        return found
