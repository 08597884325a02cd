"""The sections of a configuration file: one for each kind of row that an admin configures, registered by its app."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.apps import apps
from django.db.models import Model

from integrations.core.config import naming
from integrations.core.config.documents import Place
from integrations.core.config.parts import Finder, Link, Part
from integrations.core.config.plain import Change

REASON = "config apply"


class Section:
    """One kind of row: below its `name` in the file stand the entries, by what they are called.

    `key`: the fields that a row is called by, one level of the file each (a foreign key: the words of the other row).
    `left_out`: editable fields that are no configuration, each with the reason. `belongings`: tables whose rows go with
    a row, beside those of its parts; `carries`: tables further down, each with the way from it to the row. `titled`:
    the part that a plan shows beside a key that tells a person nothing. A section overrides the methods where its rows
    live by rules of their own.
    """

    name: ClassVar[str]
    model: ClassVar[type[Model]]
    key: ClassVar[tuple[str, ...]]
    parts: Sequence[Part] = ()
    titled: ClassVar[str] = ""
    left_out: ClassVar[Mapping[str, str]] = {}
    belongings: ClassVar[Sequence[type[Model]]] = ()
    carries: ClassVar[Mapping[type[Model], str]] = {}
    prunable: ClassVar[bool] = True
    removal: ClassVar[str] = "delete"  # the word for it in a plan
    deletes_rows: ClassVar[bool] = True  # what hangs on a row then forbids its removal

    @property
    def depth(self) -> int:
        return naming.depth_of(self.model)

    def rows(self) -> Any:
        """Return the rows that are configuration. One that is not saved stands for what is there, and not stored."""
        links = [part.name for part in self.parts if isinstance(part, Link)]
        return self.model._default_manager.select_related(*naming.joins(self.model, links))

    def key_fault(self, word: str) -> str:
        """Return why an entry cannot be called so, by the last word of its key; empty: it can."""
        return ""

    def check(self, row: Any, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        """Yield (part, sentence) for what the admin's form refuses beyond the model's own checks; "": the entry."""
        yield from ()

    def stays(self, row: Any) -> bool:
        """Tell whether a row is left alone by `--prune`, although the file does not have it."""
        return not self.prunable

    def refusal(self, row: Any) -> str:
        """Return why a row must not be removed now, as sentences; empty: it may, if nothing hangs on it."""
        return ""

    def remarks(self, known: Finder, leaving: Collection[int]) -> Iterator[str]:
        """Yield what a person should know before it is done; `known` has the rows as they will be.

        `leaving`: the `id()` of each row that goes.
        """
        yield from ()

    def prepare(self, row: Any, place: Place) -> None:
        """Keep the files of a row that is to be written, before the transaction; refuse what cannot be kept."""

    def save(self, row: Any, fields: Sequence[str]) -> None:
        """Write a row; of one that is there already, only these fields: workers write the others meanwhile."""
        row._change_reason = REASON
        if row._state.adding:
            row.save()
        elif fields:
            row.save(update_fields=[*fields, *_auto_now(self.model)])

    def remove(self, row: Any) -> None:
        row._change_reason = REASON
        row.delete()


def _auto_now(model: type[Model]) -> list[str]:
    return [each.name for each in model._meta.fields if getattr(each, "auto_now", False)]


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a section, from `AppConfig.ready()`."""
    _sections[section.name] = section
    naming.call_by(section.model, section.key)


def all_sections() -> list[Section]:
    """Return the sections from the lowest floor up, so that what a row hangs on comes before it."""
    labels = [config.label for config in apps.get_app_configs()]
    return sorted(_sections.values(), key=lambda each: -labels.index(each.model._meta.app_label))
