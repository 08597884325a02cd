"""What of readiness an admin configures: the answers, and the facts that are to be collected."""

from collections.abc import Iterator, Sequence

from integrations.core.config import Section, register
from integrations.core.config.children import Children
from integrations.core.config.parts import Entry, Link, columns
from integrations.core.config.plain import Change
from integrations.readiness.models import Item, Questionnaire
from integrations.sync.choices import OperationKind


def _clashing(items: Sequence[Entry]) -> Iterator[tuple[int, str, str]]:
    """A field of one kind of source that two facts fill."""
    targets = [(str(each.get("fact", "")).partition(":")[0], each.get("target")) for each in items]
    for index, (source_type, target) in enumerate(targets):
        if target and (source_type, target) in targets[:index]:
            yield index, "target", f"“{target}” is filled by two facts: one field holds one."


class Readiness(Section):
    name, model, key = "readiness", Questionnaire, ("connection",)
    parts = (
        *columns(Questionnaire, "deep_links", "deep_links_url", "api", "api_url"),
        Link(Questionnaire, "lookup", within=1),
        *columns(Questionnaire, "method", "path", "headers", "document", "body"),
        *columns(Questionnaire, "read_path", "read_query", "read_headers", "read_document", "read_expect", "notes"),
        Children(
            "items",
            Item,
            parent="questionnaire",
            key="fact",
            order="position",
            parts=columns(Item, "fact", "field", "target", "type", "format", "method", "path"),
            judge=_clashing,
        ),
    )

    def check(self, row: Questionnaire, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if row.lookup is not None and row.lookup.kind != OperationKind.LOOKUP:
            yield "lookup", f"“{row.lookup.name}” is not a look-up: its kind is {row.lookup.kind}."


def register_sections() -> None:
    register(Readiness())
