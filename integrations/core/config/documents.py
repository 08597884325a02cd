"""A configuration file as it was read: its values, the line of each, and what is refused in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from integrations.core.config.plain import Path, Plain


@dataclass(frozen=True)
class Problem:
    """What is refused, where, and what would be right."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigRefused(Exception):
    """The configuration is not taken, and nothing of it was written. No message holds the value of a secret."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(each) for each in problems))
        self.problems = list(problems)


@dataclass
class Document:
    """One file. `folder` is where the files beside it are; None: there are none."""

    name: str
    value: Plain
    lines: dict[Path, int] = field(default_factory=dict)
    folder: FilePath | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def top(self) -> "Place":
        return Place(self, ())

    def where(self, path: Path) -> str:
        """Name a place: file, line, and the keys that lead there."""
        lengths = range(len(path), -1, -1)
        line = next((self.lines[path[:length]] for length in lengths if path[:length] in self.lines), 0)
        parts = [f"{self.name}, line {line}" if line else self.name, " / ".join(path)]
        return ": ".join(part for part in parts if part)

    def raise_problems(self) -> None:
        """:raises ConfigRefused: if anything was refused so far"""
        if self.problems:
            raise ConfigRefused(self.problems)


@dataclass(frozen=True)
class Place:
    """Where a value stands."""

    document: Document
    path: Path

    def __truediv__(self, name: str) -> "Place":
        return Place(self.document, (*self.path, name))

    def refuse(self, what: str) -> None:
        self.document.problems.append(Problem(self.document.where(self.path), what))
