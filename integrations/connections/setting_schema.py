"""Which settings a platform's connections have, filled in `AppConfig.ready()`: forms are made from it."""

from collections.abc import Sequence

from integrations.connections.schema import Field

__all__ = ["Field", "fields_of", "is_within", "platforms", "register"]

_fields: dict[str, tuple[Field, ...]] = {}
_within: set[str] = set()


def register(slug: str, fields: Sequence[Field], *, within: bool = False) -> None:
    """Name the settings of a platform's connections; a name that is not listed is refused when saving.

    `within`: it is a part of this installation, which needs no address.
    """
    _fields[slug] = tuple(fields)
    if within:
        _within.add(slug)


def is_within(slug: str) -> bool:
    return slug in _within


def fields_of(slug: str) -> tuple[Field, ...]:
    return _fields.get(slug, ())


def platforms() -> list[str]:
    return sorted(_fields)
