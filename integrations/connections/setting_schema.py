"""Which settings a platform's connections have, filled in `AppConfig.ready()`: forms are made from it."""

from collections.abc import Sequence

from integrations.connections.schema import Field

__all__ = ["Field", "fields_of", "platforms", "register"]

_fields: dict[str, tuple[Field, ...]] = {}


def register(slug: str, fields: Sequence[Field]) -> None:
    """Name the settings of a platform's connections; a name that is not listed is refused when saving."""
    _fields[slug] = tuple(fields)


def fields_of(slug: str) -> tuple[Field, ...]:
    return _fields.get(slug, ())


def platforms() -> list[str]:
    return sorted(_fields)
