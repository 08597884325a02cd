"""Which settings a platform's connections have, filled in `AppConfig.ready()`: forms are made from it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.connections.schema import Field

__all__ = ["Field", "address_of", "fields_of", "gives_address", "is_within", "platforms", "register"]

Address = Callable[[Mapping[str, Any]], str]

_fields: dict[str, tuple[Field, ...]] = {}
_within: set[str] = set()
_addresses: dict[str, Address] = {}


def register(slug: str, fields: Sequence[Field], *, within: bool = False, address: Address | None = None) -> None:
    """Name the settings of a platform's connections; a name that is not listed is refused when saving.

    `within`: it is a part of this installation, which needs no address. `address(settings)`: what the address is, where
    a connection has none; "" if its settings do not say.
    """
    _fields[slug] = tuple(fields)
    if address:
        _addresses[slug] = address
    if within:
        _within.add(slug)


def is_within(slug: str) -> bool:
    return slug in _within


def gives_address(slug: str) -> bool:
    """Say whether a platform's settings can stand for an address."""
    return slug in _addresses


def address_of(slug: str, settings: Mapping[str, Any]) -> str:
    """Return the address that the settings of a platform's connection name; "" if they name none."""
    return _addresses[slug](settings) if slug in _addresses else ""


def fields_of(slug: str) -> tuple[Field, ...]:
    return _fields.get(slug, ())


def platforms() -> list[str]:
    return sorted(_fields)
