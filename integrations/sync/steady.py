"""Contexts without what changes by itself, such as links that expire: content is compared by these. Pure."""

from collections.abc import Mapping
from typing import Any

from integrations.core.platforms import ContextKind


def steady(kind: ContextKind, source_id: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the context with a stand-in for each volatile field of its source; the same object if there are none."""
    for field in kind.fields:
        if field.volatile:
            context = _replaced(context, field.path.split("."), f"<{field.path} of {kind.source_type} {source_id}>")
    return context


def _replaced(tree: Mapping[str, Any], path: list[str], value: str) -> Mapping[str, Any]:
    name, below = path[0], tree.get(path[0])
    if below is None:
        return tree
    if len(path) == 1:
        return {**tree, name: value}
    return {**tree, name: _replaced(below, path[1:], value)} if isinstance(below, Mapping) else tree
