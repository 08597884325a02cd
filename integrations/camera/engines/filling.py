"""Requests as a task group writes them: JSON trees whose texts hold `{JMESPath}`; and expressions over the answer.

The rules of templates in mappings: a text that is one placeholder keeps its JSON type; `{{` and `}}` are braces.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from integrations.camera.engines.checks import SettingsRefused
from integrations.core.errors import PermanentError

LONGEST = 4000
_PLACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class NotFound(PermanentError):
    """An expression that cannot be applied to what is there; the message quotes it."""


@lru_cache(maxsize=1024)
def compiled(expression: str) -> ParsedResult:
    """:raises SettingsRefused: if it cannot be read"""
    if not expression.strip() or len(expression) > LONGEST:
        raise SettingsRefused(f"An expression has 1 to {LONGEST} characters; this one has {len(expression)}.")
    try:
        return jmespath.compile(expression)
    except (JMESPathError, RecursionError, ValueError) as error:
        raise SettingsRefused(f"“{expression:.200}” is not a JMESPath expression: {_first_line(error)}") from error


def applied(expression: str, value: Any) -> Any:
    """Return what an expression finds. :raises SettingsRefused: :raises NotFound:"""
    parsed = compiled(expression)
    try:
        return parsed.search(value)
    except (JMESPathError, RecursionError, TypeError, ValueError, AttributeError) as error:
        raise NotFound(f"“{expression:.200}” cannot be applied: {_first_line(error)}") from error


def check(tree: Any) -> None:
    """:raises SettingsRefused: for the first placeholder that cannot be read"""
    _each_text(tree, lambda text: [compiled(each) for each in _expressions(text)])


def filled(tree: Any, values: Mapping[str, Any]) -> Any:
    """Return the JSON tree with its placeholders replaced. :raises SettingsRefused: :raises NotFound:"""
    return _each_text(tree, lambda text: _filled(text, values))


def filled_path(text: str, values: Mapping[str, Any]) -> str:
    """Return an address whose values are percent-encoded: none of them can add a part of its own."""
    return _PLACES.sub(lambda found: _in_place(found, values, encode=lambda word: quote(word, safe="")), text)


def _each_text(tree: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(tree, str):
        return change(tree)
    if isinstance(tree, Mapping):
        return {name: _each_text(each, change) for name, each in tree.items()}
    return [_each_text(each, change) for each in tree] if isinstance(tree, list) else tree


def _filled(text: str, values: Mapping[str, Any]) -> Any:
    whole = _PLACES.fullmatch(text)
    if whole and whole[1] is not None:
        return applied(whole[1].strip(), values)
    return _PLACES.sub(lambda found: _in_place(found, values), text)


def _in_place(found: re.Match[str], values: Mapping[str, Any], *, encode: Callable[[str], str] = str) -> str:
    if found[1] is None:
        return found[0][0]
    value = applied(found[1].strip(), values)
    if isinstance(value, dict | list):
        raise NotFound(f"“{found[1]:.200}” is a list or an object and cannot stand within a text.")
    if isinstance(value, bool):
        return encode(str(value).lower())
    return encode("" if value is None else str(value))


def _expressions(text: str) -> list[str]:
    for found in _PLACES.finditer(text):
        if found[0] in ("{", "}"):
            raise SettingsRefused(f"“{text:.200}”: a single {found[0]}; write {found[0] * 2} for a brace.")
    return [found[1].strip() for found in _PLACES.finditer(text) if found[1] is not None]


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
