"""The facts that may be collected: what every kind of source offers to mappings. Reads the registry, nothing else."""

from collections.abc import Iterator

from integrations.core.platforms import ContextField, ContextKind, context_kind, context_kinds
from integrations.sync.script_source import SCRIPT

Choice = tuple[str, str]


def collectable() -> list[ContextKind]:
    """Return the kinds of source that events tell of; scripts collect what they like."""
    return [kind for kind in context_kinds() if kind.event_types and kind.source_type != SCRIPT]


def choices() -> list[tuple[str, list[Choice]]]:
    """Return the pick list: (kind, [(fact, label)])."""
    return [(str(kind.label), list(_of(kind))) for kind in collectable()]


def _of(kind: ContextKind) -> Iterator[Choice]:
    for field in kind.fields:
        yield f"{kind.source_type}:{field.path}", label_of(field)


def label_of(field: ContextField) -> str:
    return f"{field.label or field.path} ({field.type})"


def field_of(fact: str) -> ContextField | None:
    """Return the field that a fact names; None if no source of this installation offers it."""
    source_type, _, path = fact.partition(":")
    kind = kind_of(source_type)
    if kind is None:
        return None
    open_path = any(path.startswith(f"{each}.") and len(path) > len(each) + 1 for each in kind.open_paths)
    known = next((field for field in kind.fields if field.path == path), None)
    return known or (ContextField(path, "text") if open_path else None)


def kind_of(source_type: str) -> ContextKind | None:
    try:
        return context_kind(source_type)
    except KeyError:
        return None


SUGGESTED = {"text": "TEXT", "number": "NUMBER", "boolean": "BOOLEAN", "time": "TIME", "list": "TEXT"}


def suggested_type(fact: str) -> str:
    """Return the type that fits a field's kind of value, which a person may change."""
    field = field_of(fact)
    return SUGGESTED.get(field.type, "") if field else ""
