"""What of writing an admin configures: the mappings, each an operation with its fields and its look-up."""

from collections.abc import Iterator, Sequence

from integrations.core.config import Section, register
from integrations.core.config.children import Children
from integrations.core.config.parts import Entry, Link, columns
from integrations.core.config.plain import Change
from integrations.sync.choices import OperationKind
from integrations.sync.models import FieldMapping, Operation


def _nested(items: Sequence[Entry]) -> Iterator[tuple[int, str, str]]:
    targets = [str(each.get("target", "")) for each in items]
    for index, target in enumerate(targets):
        for outer in (each for each in targets if target.startswith(f"{each}.")):
            yield index, "target", f"“{target}” lies inside “{outer}”: only one of them can be written"


class Mappings(Section):
    name, model, key = "mappings", Operation, ("connection", "name")
    parts = (
        *columns(Operation, "kind", "enabled", "source_type", "event_types", "condition"),
        Link(Operation, "lookup", within=1),
        *columns(Operation, "protocol", "method", "path", "query", "headers", "body", "document", "file_field"),
        *columns(Operation, "success", "already_exists", "try_again"),
        *columns(Operation, "records", "record_id", "closed", "wait_hours"),
        *columns(Operation, "created_id", "update_method", "update_path", "update_document"),
        *columns(Operation, "readback_method", "readback_path", "readback_query", "readback_headers"),
        *columns(
            Operation, "readback_document", "readback_body", "readback_expect", "marker", "key_place", "key_header"
        ),
        *columns(Operation, "when_unsure", "all_or_nothing"),
        Children(
            "fields",
            FieldMapping,
            parent="operation",
            key="target",
            order="position",
            parts=columns(FieldMapping, "target", "source", "type", "format", "time_zone", "default", "skip_if_empty"),
            judge=_nested,
        ),
    )

    def check(self, row: Operation, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        if row.lookup is not None and row.lookup.kind != OperationKind.LOOKUP:
            yield "lookup", f"“{row.lookup.name}” is not a look-up: its kind is {row.lookup.kind}."


def register_sections() -> None:
    register(Mappings())
