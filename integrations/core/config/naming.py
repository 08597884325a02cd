"""What a row is called in a configuration file: by its own words, never by its number."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model

from integrations.core.config.plain import Path

_keys: dict[type[Model], tuple[str, ...]] = {}


def column_of(model: type[Model], name: str) -> Any:
    """Return a field of a model that has a column: a plain one, or a foreign key."""
    return model._meta.get_field(name)


def call_by(model: type[Model], fields: tuple[str, ...]) -> None:
    """Name the fields that a row is called by; a foreign key stands for what the other row is called."""
    _keys[model] = fields


def key_of(row: Model) -> Path:
    """Return what a row is called: one word for each level of its section."""
    values = [getattr(row, name) for name in _keys[type(row)]]
    return tuple(word for each in values for word in (key_of(each) if isinstance(each, Model) else (str(each),)))


def joins(model: type[Model], links: Sequence[str]) -> list[str]:
    """Return what to join so that the rows behind these foreign keys, and the row itself, can be named."""
    found: list[str] = []
    for name in dict.fromkeys((*_keys[model], *links)):
        column = column_of(model, name)
        if column.is_relation:
            found += [name, *(f"{name}__{each}" for each in joins(column.related_model, ()))]
    return found


def depth_of(model: type[Model]) -> int:
    """Return of how many words the name of a row consists."""
    columns = [column_of(model, name) for name in _keys[model]]
    return sum(depth_of(each.related_model) if each.is_relation else 1 for each in columns)


def split(model: type[Model], key: Path) -> Iterator[tuple[str, Path]]:
    """Yield the words of a name by the field that they belong to."""
    for name in _keys[model]:
        column = column_of(model, name)
        count = depth_of(column.related_model) if column.is_relation else 1
        yield name, key[:count]
        key = key[count:]
