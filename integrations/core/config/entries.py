"""The entries of a document, checked by the parts of their sections; the database is not asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from integrations.core.config.documents import Document, Place
from integrations.core.config.parts import Entry, Part
from integrations.core.config.plain import ABSENT, Path, Plain, nearest
from integrations.core.config.sections import Section, all_sections

VERSION = 1
VERSION_KEY = "fieldport"


@dataclass(frozen=True)
class Found:
    """One entry: its values in their one form, defaults left out."""

    place: Place
    values: Entry


Config = Mapping[str, Mapping[Path, Found]]


def read_config(document: Document) -> Config:
    """Return the entries by section and name, in the order of the sections. :raises ConfigRefused: naming all faults"""
    given = document.value
    if not isinstance(given, dict):
        document.top.refuse(f"it must be an object that begins with “{VERSION_KEY}: {VERSION}”.")
        document.raise_problems()
    _check_version(document)
    known = {section.name: section for section in all_sections()}
    for name in (each for each in given if each not in known and each != VERSION_KEY):
        (document.top / name).refuse(f"unknown section “{name}”{nearest(name, known)}")
    config = {
        name: dict(_entries(section, given[name], document.top / name))
        for name, section in known.items()
        if name in given
    }
    document.raise_problems()
    return config


def _check_version(document: Document) -> None:
    given = document.value.get(VERSION_KEY, ABSENT)
    if given is ABSENT:
        document.top.refuse(f"the version of its format is missing: begin it with “{VERSION_KEY}: {VERSION}”.")
    elif given != VERSION or isinstance(given, bool):
        (document.top / VERSION_KEY).refuse(f"this version of Fieldport reads format {VERSION} only.")
    document.raise_problems()


def _entries(section: Section, value: Plain, place: Place) -> Iterable[tuple[Path, Found]]:
    for key, found in _leaves(value, place, section.depth):
        at = place
        for word in key:
            at = at / word
        if fault := section.key_fault(key[-1]):
            at.refuse(fault)
        yield key, Found(at, read_parts(section.parts, found, at))


def _leaves(value: Plain, place: Place, depth: int) -> Iterable[tuple[Path, Plain]]:
    if depth == 0:
        yield (), value
    elif not isinstance(value, dict):
        place.refuse("it must be an object, entries by their names; {} for none.")
    else:
        for word, below in value.items():
            for key, found in _leaves(below, place / word, depth - 1):
                yield (word, *key), found


def read_parts(parts: Sequence[Part], value: Plain, place: Place) -> dict[str, Plain]:
    """Return an entry's values by part; unknown and missing ones are refused."""
    if not isinstance(value, dict):
        place.refuse("it must be an object, values by their names; {} for all defaults.")
        return {}
    names = [part.name for part in parts]
    for name in (each for each in value if each not in names):
        (place / name).refuse(f"unknown field “{name}”{nearest(name, names)}")
    found: dict[str, Plain] = {}
    for part in parts:
        if part.name in value:
            read = part.read(value[part.name], place / part.name, found)
            found |= {} if read is ABSENT else {part.name: read}
        elif part.required:
            place.refuse(f"“{part.name}” is missing.")
    return found


def refuse_invalid(error: ValidationError, place: Place, *, parts: Sequence[Part]) -> None:
    """Refuse what a model's own checks refuse, each sentence at the value it is about."""
    called = {field: part.name for part in parts for field in part.covers}
    for field, sentences in error.message_dict.items():
        at = place / called[field] if field in called else place
        for sentence in sentences:
            at.refuse(sentence if field in called or field == "__all__" else f"{field}: {sentence}")
