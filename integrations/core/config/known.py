"""The rows of all sections by what they are called: those of the database, and those that a file adds."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from integrations.core.config.documents import ConfigRefused, Problem
from integrations.core.config.naming import depth_of, key_of
from integrations.core.config.plain import Path
from integrations.core.config.sections import Section, all_sections

LIVE = "this installation"


class Known:
    """Each section is read once, when it is first asked for."""

    def __init__(self) -> None:
        self._of: dict[type[Model], Section] = {section.model: section for section in all_sections()}
        self._rows: dict[type[Model], dict[Path, Any]] = {}

    def rows(self, model: type[Model]) -> dict[Path, Any]:
        """Return the rows of a section by their names. :raises ConfigRefused: if two are called the same"""
        if model not in self._rows:
            self._rows[model] = _by_name(self._of[model])
        return self._rows[model]

    def is_configured(self, model: type[Model]) -> bool:
        return model in self._of

    def add(self, key: Path, row: Any) -> None:
        self.rows(type(row))[key] = row

    def find(self, model: type[Model], key: Path) -> Any:
        return self.rows(model).get(key)

    def names(self, model: type[Model], within: Path) -> list[str]:
        return [key[-1] for key in self.rows(model) if key[: len(within)] == within and len(key) == depth_of(model)]


def _by_name(section: Section) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    for row in section.rows():
        key = key_of(row)
        if key in found:
            raise ConfigRefused([_called_twice(section, key)])
        found[key] = row
    return dict(sorted(found.items()))


def _called_twice(section: Section, key: Iterable[str]) -> Problem:
    where = f"{LIVE}: {section.name} / {' / '.join(key)}"
    return Problem(where, "two are called so, and a file could not tell them apart: rename one in the admin.")
