"""“Script”: the source of mappings that scripts alone use, whatever the script is about."""

from dataclasses import replace

from integrations.core.platforms import ContextKind, context_kinds, register_context

SCRIPT = "script"


def register() -> None:
    """No event has this source, so nothing but a script starts such a mapping."""
    register_context(ContextKind(SCRIPT, "Script, about anything", (), (), load=lambda source_id: {}))


def with_every_field(kind: ContextKind) -> ContextKind:
    """Return the kind with the fields of all sources: a script may be about any of them."""
    kinds = context_kinds()
    return replace(
        kind,
        fields=tuple(field for each in kinds for field in each.fields),
        open_paths=tuple(path for each in kinds for path in each.open_paths),
    )
