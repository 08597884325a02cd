"""JMESPath expressions of templates, mappings and conditions: compiled once, errors as sentences. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature
from jmespath.parser import ParsedResult

Node = Mapping[str, Any]

LONGEST = 4000
# These return an element or a part of their first argument, so fields after them are fields of that argument.
_TRANSPARENT = frozenset({"sort_by", "sort", "reverse", "max_by", "min_by", "not_null"})


class _Functions(Functions):
    """JMESPath's own functions, and two for texts: to quote for another query language, to cut an id off an address."""

    @signature({"types": ["string"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, text: str, old: str, new: str) -> str:
        return text.replace(old, new)

    @signature({"types": ["string"]}, {"types": ["string"]})
    def _func_split(self, text: str, separator: str) -> list[str]:
        return text.split(separator) if separator else [text]


_OPTIONS = jmespath.Options(custom_functions=_Functions())


class ExpressionError(ValueError):
    """An expression that cannot be read, or not be applied to these values; the message quotes it."""


@dataclass(frozen=True)
class Expression:
    """A compiled expression, the dotted paths that it reads from the root, and the first names of those."""

    text: str
    parsed: ParsedResult
    paths: tuple[str, ...]
    roots: frozenset[str]

    def of(self, context: Mapping[str, Any]) -> Any:
        """Return what it finds in `context`. :raises ExpressionError:"""
        try:
            return self.parsed.search(context, options=_OPTIONS)
        except (JMESPathError, RecursionError, TypeError, ValueError, AttributeError) as error:
            raise ExpressionError(f"“{self.text}” cannot be applied: {_first_line(error)}") from error


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """Return the compiled expression. :raises ExpressionError: if it cannot be read"""
    if not text.strip() or len(text) > LONGEST:
        raise ExpressionError(f"An expression has 1 to {LONGEST} characters; this one has {len(text)}.")
    try:
        parsed = jmespath.compile(text)
        paths = tuple(dict.fromkeys(_paths(cast(Node, parsed.parsed))))
    except (JMESPathError, RecursionError, ValueError) as error:
        raise ExpressionError(f"“{text}” is not a JMESPath expression: {_first_line(error)}") from error
    return Expression(text, parsed, paths, frozenset(path.partition(".")[0] for path in paths))


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """Return what the expression `text` finds in `context`. :raises ExpressionError:"""
    return compiled(text).of(context)


def holds(text: str, context: Mapping[str, Any]) -> bool:
    """Say whether a condition holds by JMESPath's rule: false, null and what is empty do not; 0 does."""
    value = evaluate(text, context)
    return value is not None and value is not False and value not in ("", [], {})


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def _paths(node: Node) -> Iterator[str]:
    found: list[str] = []
    _walk(node, "", found)
    yield from found


def _walk(node: Node, scope: str | None, found: list[str]) -> str | None:
    """Collect the paths below `node` and return where its result lies; None: not a place in the context.

    `scope` is where the current element lies, "" being the root.
    """
    return _WALKS.get(node["type"], _parts)(node, scope, found)


def _parts(node: Node, scope: str | None, found: list[str]) -> str | None:
    for child in node["children"]:
        _walk(child, scope, found)
    return None


def _same_place(node: Node, scope: str | None, found: list[str]) -> str | None:
    return scope


def _chain(node: Node, scope: str | None, found: list[str]) -> str | None:
    """The result of each side is what the next one is applied to."""
    for child in node["children"]:
        scope = _walk(child, scope, found)
    return scope


def _filter(node: Node, scope: str | None, found: list[str]) -> str | None:
    left, right, condition = node["children"]
    element = _walk(left, scope, found)
    _walk(condition, element, found)
    return _walk(right, element, found)


def _values(node: Node, scope: str | None, found: list[str]) -> str | None:
    _walk(node["children"][0], scope, found)
    _walk(node["children"][1], None, found)
    return None


def _field(node: Node, scope: str | None, found: list[str]) -> str | None:
    if scope is None:
        return None
    path = f"{scope}.{node['value']}" if scope else node["value"]
    found.append(path)
    return path


def _function(node: Node, scope: str | None, found: list[str]) -> str | None:
    first: str | None = None
    for position, child in enumerate(node["children"]):
        if child["type"] == "expref":
            _walk(child["children"][0], first, found)
        elif position == 0:
            first = _walk(child, scope, found)
        else:
            _walk(child, scope, found)
    return first if node["value"] in _TRANSPARENT else None


_WALKS: dict[str, Callable[[Node, str | None, list[str]], str | None]] = {
    "field": _field,
    "identity": _same_place,
    "current": _same_place,
    "index": _same_place,
    "slice": _same_place,
    "flatten": _chain,
    "subexpression": _chain,
    "index_expression": _chain,
    "projection": _chain,
    "pipe": _chain,
    "filter_projection": _filter,
    "value_projection": _values,
    "function_expression": _function,
}
