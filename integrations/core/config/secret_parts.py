"""Secrets of a row: a list of them, or an object of names that its owner chooses."""

from collections.abc import Iterator, Mapping
from typing import Any

from integrations.core.config import references
from integrations.core.config.documents import Place
from integrations.core.config.parts import Entry, Part, Step, Writer
from integrations.core.config.plain import ABSENT, Change, Path, Plain
from integrations.core.config.reading import item


class SecretsByName(Part):
    """An encrypted object, each name a secret: `secrets: {token: {env: NAME}}`."""

    def __init__(self, name: str) -> None:
        self.name, self.covers = name, (name,)

    def held(self, row: Any) -> Mapping[str, str]:
        return dict(getattr(row, self.name) or {})

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        return {name: writer.names.reference((*path, name)) for name in sorted(self.held(row))} or ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if not isinstance(value, dict):
            place.refuse("it must be an object: names, each with a reference such as {env: NAME}.")
            return ABSENT
        found = {name: references.read(each, place / name) for name, each in value.items()}
        return {name: each for name, each in found.items() if each is not ABSENT} or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        held = {} if step.fresh else self.held(row)
        given = {} if value is ABSENT else value
        place = step.place / self.name
        found = {
            name: references.settled(each, held.get(name, ""), place=place / name, resolve=step.resolve)
            for name, each in given.items()
        }
        if found != held:
            setattr(row, self.name, found)
        for name in sorted({*held, *found}):
            old, new = held.get(name, ""), found.get(name, "")
            if old != new:
                yield Change((self.name, name), *references.as_change(given.get(name, ABSENT), old, new))


class SecretsInOrder(Part):
    """An encrypted list: `secrets: [{env: NAME}]`, at most so many."""

    def __init__(self, name: str, *, most: int) -> None:
        self.name, self.covers, self.most = name, (name,), most

    def show(self, row: Any, path: Path, writer: Writer) -> Plain:
        held = list(getattr(row, self.name) or [])
        return [writer.names.reference((*path, item(index))) for index, _ in enumerate(held)] or ABSENT

    def read(self, value: Plain, place: Place, entry: Entry) -> Plain:
        if not isinstance(value, list) or len(value) > self.most:
            place.refuse(f"it must be a list of at most {self.most} references such as {{env: NAME}}.")
            return ABSENT
        found = [references.read(each, place / item(index)) for index, each in enumerate(value)]
        return [each for each in found if each is not ABSENT] or ABSENT

    def put(self, row: Any, value: Plain, step: Step) -> Iterator[Change]:
        held = [] if step.fresh else list(getattr(row, self.name) or [])
        given = [] if value is ABSENT else value
        padded = held + [""] * len(given)
        found = [
            references.settled(each, padded[index], place=step.place / self.name / item(index), resolve=step.resolve)
            for index, each in enumerate(given)
        ]
        if found == held:
            return
        setattr(row, self.name, found)
        for index in range(max(len(held), len(found))):
            old, new = ("".join(each[index : index + 1]) for each in (held, found))
            if old != new:
                reference = given[index] if index < len(given) else ABSENT
                yield Change((self.name, item(index)), *references.as_change(reference, old, new))
