"""Texts with `{placeholders}` of a work order's fields; `{{` and `}}` stand for braces. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

from integrations.platforms.worklink.links.refusals import LinkRefused

KEY = "key"
# The order's id in its system of record, and what it is told with.
PLACEHOLDERS = (KEY, "title", "asset", "site", "status", "assignee", "priority")
Part = tuple[str, str]  # a literal text, then the name of the placeholder that follows it, or ""


@lru_cache(maxsize=1024)
def parts_of(text: str) -> tuple[Part, ...]:
    """Take a text apart. Raises LinkRefused: `bad_placeholder`."""
    try:
        found = list(Formatter().parse(text))
    except ValueError:
        said = f"“{text[:80]}” has a brace alone. Write {{asset}} for a field, and {{{{ or }}}} for a brace."
        raise LinkRefused("bad_placeholder", said) from None
    return tuple((literal, _named(name, spec, conversion)) for literal, name, spec, conversion in found)


def _named(name: str | None, spec: str | None, conversion: str | None) -> str:
    if name is None:
        return ""
    if name not in PLACEHOLDERS or spec or conversion:
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        raise LinkRefused("bad_placeholder", f"“{{{name[:40]}}}” is no field of a work order. There are {known}.")
    return name


def names_in(text: str) -> tuple[str, ...]:
    """Return the placeholders of a text. Raises LinkRefused: `bad_placeholder`."""
    return tuple(name for _, name in parts_of(text) if name)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill a text in. Raises LinkRefused: `bad_placeholder`."""
    return "".join(literal + (values.get(name, "") if name else "") for literal, name in parts_of(text))
