"""Templates: text with `{expression}` placeholders, and JSON trees of such texts. Pure.

A leaf that is one placeholder keeps its JSON type; `{{` and `}}` stand for braces. An expression that begins with a
brace of its own is written with a space: `{ {a: b} }`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from integrations.sync.expressions import Expression, ExpressionError, compiled

NOTHING: frozenset[str] = frozenset()


class TemplateError(ValueError):
    """A template that cannot be read or filled in; the message quotes the place."""


@dataclass(frozen=True)
class Template:
    """Literal texts and expressions in order."""

    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return tuple(part for part in self.parts if isinstance(part, Expression))


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Return the compiled template. :raises TemplateError: if it cannot be read"""
    parts: list[str | Expression] = []
    literal, at = "", 0
    while at < len(text):
        sign = text[at]
        if sign in "{}" and text[at : at + 2] == sign * 2:
            literal, at = literal + sign, at + 2
        elif sign == "}":
            raise TemplateError(f"“{text}”: a single }} at position {at + 1}; write }}}} for a brace.")
        elif sign == "{":
            end = _end_of(text, at)
            parts += [literal, _expression(text, text[at + 1 : end])]
            literal, at = "", end + 1
        else:
            literal, at = literal + sign, at + 1
    return Template(tuple(part for part in [*parts, literal] if part != ""))


def _expression(text: str, inner: str) -> Expression:
    try:
        return compiled(inner.strip())
    except ExpressionError as error:
        raise TemplateError(f"“{text}”: {error}") from error


def _end_of(text: str, start: int) -> int:
    """Return where the brace opened at `start` is closed; braces inside quotes do not count."""
    depth, quoted, at = 0, "", start
    while at < len(text):
        sign = text[at]
        if quoted:
            at += sign == "\\"
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"`":
            quoted = sign
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    raise TemplateError(f"“{text}”: the brace at position {start + 1} is not closed.")


def fill(text: str, context: Mapping[str, Any], *, leave: frozenset[str] = NOTHING) -> Any:
    """Fill in one text. Placeholders that read a root named in `leave` stay as they are written.

    :raises TemplateError: if the text or one of its expressions cannot be read or applied
    """
    made = template(text)
    if len(made.parts) == 1 and isinstance(made.parts[0], Expression):
        return _value(made.parts[0], context, leave)
    return "".join(part if isinstance(part, str) else as_text(_value(part, context, leave)) for part in made.parts)


def _value(part: Expression, context: Mapping[str, Any], leave: frozenset[str]) -> Any:
    if part.roots & leave:
        return f"{{{part.text}}}"
    try:
        return part.of(context)
    except ExpressionError as error:
        raise TemplateError(str(error)) from error


def as_text(value: Any) -> str:
    """Return a value as it stands inside a text: null is empty, lists and objects are JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fill_tree(tree: Any, context: Mapping[str, Any], *, leave: frozenset[str] = NOTHING) -> Any:
    """Fill in every text of a JSON tree; names stay as they are. :raises TemplateError:"""
    if isinstance(tree, str):
        return fill(tree, context, leave=leave)
    if isinstance(tree, dict):
        return {name: fill_tree(value, context, leave=leave) for name, value in tree.items()}
    if isinstance(tree, list):
        return [fill_tree(value, context, leave=leave) for value in tree]
    return tree


def fill_path(text: str, context: Mapping[str, Any], *, leave: frozenset[str] = NOTHING) -> str:
    """Fill in a path; each value is percent-encoded as one segment.

    :raises TemplateError: also for an empty value, which would make it the path of something else
    """
    parts = template(text).parts
    return "".join(part if isinstance(part, str) else _segment(text, part, context, leave) for part in parts)


def _segment(text: str, part: Expression, context: Mapping[str, Any], leave: frozenset[str]) -> str:
    value = _value(part, context, leave)
    if part.roots & leave:
        return str(value)
    if isinstance(value, dict | list) or as_text(value).strip() in ("", ".", ".."):
        raise TemplateError(f"The path “{text}” needs “{part.text}”, which is {as_text(value) or 'empty'} here.")
    return quote(as_text(value).encode("utf-8", "replace"), safe="")


def texts_of(tree: Any) -> list[str]:
    """Return every text of a JSON tree, names left out."""
    if isinstance(tree, str):
        return [tree]
    values = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for value in values for text in texts_of(value)]
