"""YAML to plain values, from the parser's events alone: no tag makes an object, and everything is bounded.

Stricter than YAML 1.1, as YAML 1.2 is: only true and false are booleans, `no`, `12:30` and `2026-01-01` are texts.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from integrations.core.config.documents import ConfigRefused, Document, Problem
from integrations.core.config.plain import Path, Plain

FILE_NAME = "fieldport.yaml"
MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 40
MOST_ALIASES = 200
# With every alias counted as often as it is used: what a nested one multiplies is bounded too.
MOST_WEIGHT = 500_000
WEIGHT_OF_TEXT = 100  # characters that count as one value

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, Plain] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})\.[0-9]{1,300}(?:[eE][-+][0-9]{1,3})?")
# What PostgreSQL and UTF-8 refuse; an escape in quotes can bring it in.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def read_file(path: FilePath) -> Document:
    """Read a file, or `fieldport.yaml` in a directory. :raises ConfigRefused: naming the line and the rule"""
    path = path / FILE_NAME if path.is_dir() else path
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigRefused([Problem(str(path), f"it cannot be read: {error.strerror}.")]) from error
    return read_text(data, name=str(path), folder=path.parent)


def item(index: int) -> str:
    """Name an item of a list in a path."""
    return f"item {index + 1}"


def read_text(data: bytes, *, name: str, folder: FilePath | None = None) -> Document:
    """Read one YAML document of at most 4 MiB. :raises ConfigRefused: naming the line and the rule"""
    document = Document(name, None, folder=folder)
    if len(data) > MOST_BYTES:
        raise ConfigRefused([Problem(name, f"it has more than {MOST_BYTES // 1024 // 1024} MiB.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigRefused([Problem(name, f"it is not UTF-8 (byte {error.start}).")]) from None
    try:
        document.value = _Builder(yaml.parse(text, Loader=_LOADER), document).build()
    except _Refused as error:
        raise ConfigRefused([Problem(f"{name}, line {error.line}", str(error))]) from None
    except yaml.YAMLError as error:
        raise ConfigRefused([Problem(_where(error, name), _reason(error))]) from None
    return document


def _where(error: yaml.YAMLError, name: str) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name


def _reason(error: yaml.YAMLError) -> str:
    """Say what is wrong without the parser's excerpt of the file, which could show a secret."""
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    return f"this is not YAML: {said}."


class _Refused(Exception):
    def __init__(self, what: str, event: Any) -> None:
        super().__init__(what)
        self.line = event.start_mark.line + 1


@dataclass
class _Builder:
    """Makes values of events. Each comes with its weight, so that its aliases can be counted."""

    events: Iterator[Any]
    document: Document
    anchors: dict[str, tuple[Plain, int]] = field(default_factory=dict)
    aliases: int = 0
    weight: int = 0

    def build(self) -> Plain:
        """Return the file's only document; None if there is none."""
        found: Plain = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused("a file holds one document; “---” begins another.", event)
                found, _ = self.value(next(self.events), ())
        return found

    def value(self, event: Any, path: Path) -> tuple[Plain, int]:
        if len(path) > MOST_DEPTH:
            raise _Refused(f"it is nested more than {MOST_DEPTH} levels deep.", event)
        self.document.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            made = self.alias(event)
        else:
            self._no_tag(event)
            made = self.made(event, path)
            if event.anchor:
                self.anchors[event.anchor] = made
        self._count(made[1] if isinstance(event, yaml.AliasEvent | yaml.ScalarEvent) else 1, event)
        return made

    def made(self, event: Any, path: Path) -> tuple[Plain, int]:
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event), 1 + len(event.value) // WEIGHT_OF_TEXT

    def mapping(self, path: Path) -> tuple[Plain, int]:
        found: dict[str, Plain] = {}
        weight = 1
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, found)
            found[key], heavy = self.value(self._marked(event, (*path, key)), (*path, key))
            weight += heavy
        return found, weight

    def _marked(self, event: Any, path: Path) -> Any:
        self.document.lines[path] = event.start_mark.line + 1
        return next(self.events)

    def sequence(self, path: Path) -> tuple[Plain, int]:
        found: list[Plain] = []
        weight = 1
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, heavy = self.value(event, (*path, item(len(found))))
            found.append(value)
            weight += heavy
        return found, weight

    def key(self, event: Any, known: dict[str, Plain]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _Refused("a key must be a text.", event)
        self._no_tag(event)
        key = self._storable(event)
        if key == "<<" and not event.style:
            raise _Refused("merge keys (<<) are not taken; write the fields out.", event)
        if key in known:
            raise _Refused(f"the key “{key}” stands there twice.", event)
        return key

    def scalar(self, event: Any) -> Plain:
        text = self._storable(event)
        if event.style:  # in quotes, or a block
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return self._number(text, event) if _NUMBER.fullmatch(text) else text

    def alias(self, event: Any) -> tuple[Plain, int]:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise _Refused(f"there are more than {MOST_ALIASES} aliases (*name).", event)
        if event.anchor not in self.anchors:
            raise _Refused(f"the alias *{event.anchor} stands for nothing that is complete before it.", event)
        return self.anchors[event.anchor]

    def _number(self, text: str, event: Any) -> float:
        number = float(text)
        if math.isinf(number):
            raise _Refused("a number is out of range.", event)
        return number

    def _storable(self, event: Any) -> str:
        text: str = event.value
        if _NOT_STORABLE.search(text):
            raise _Refused("a text holds NUL, or half of a surrogate pair, which no database keeps.", event)
        return text

    def _no_tag(self, event: Any) -> None:
        if event.tag:
            raise _Refused(f"tags such as {event.tag} are not taken: plain values only.", event)

    def _count(self, weight: int, event: Any) -> None:
        self.weight += weight
        if self.weight > MOST_WEIGHT:
            raise _Refused("it holds too much, its aliases counted as often as they are used.", event)
