"""What the questionnaire refuses: names that nothing offers, ways that cannot be taken."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from integrations.core.errors import PermanentError
from integrations.core.graphql import parsed
from integrations.readiness import catalogue
from integrations.readiness.choices import METHODS, HasField
from integrations.sync import formats
from integrations.sync.expressions import ExpressionError, compiled
from integrations.sync.templates import TemplateError, template, texts_of

if TYPE_CHECKING:
    from integrations.readiness.models import Item, Questionnaire

Problems = Iterator[tuple[str, str]]
# What a request of the questionnaire may read: it must be the same for every source.
ROOTS = ("record", "external_id", "fields")
_TEXTS = ("path", "read_path")
_TREES = ("headers", "body", "read_query", "read_headers")


def questionnaire_problems(row: "Questionnaire") -> Problems:
    """Yield (field, sentence) for all that is wrong with the answers that are there."""
    if row.lookup is not None and row.lookup.connection_id != row.connection_id:
        yield "lookup", "The look-up belongs to another connection."
    yield from method_problems("method", row.method)
    for name in _TEXTS:
        yield from template_problems(name, [getattr(row, name)])
    for name in _TREES:
        yield from template_problems(name, texts_of(getattr(row, name)))
    for name in ("headers", "read_query", "read_headers"):
        if not isinstance(getattr(row, name), dict):
            yield name, 'Write an object with names and values, such as {"Accept": "application/json"}.'
    for name in ("document", "read_document"):
        yield from document_problems(name, getattr(row, name))
    try:
        compiled(row.read_expect)
    except ExpressionError as error:
        yield "read_expect", str(error)


def item_problems(row: "Item") -> Problems:
    """Yield (field, sentence) for all that is wrong with an item."""
    if catalogue.field_of(row.fact) is None:
        known = [fact for _kind, facts in catalogue.choices() for fact, _label in facts]
        close = get_close_matches(row.fact, known, n=1, cutoff=0.5)
        yield (
            "fact",
            f"“{row.fact}” is no fact of this installation" + (f"; did you mean “{close[0]}”?" if close else "."),
        )
    if row.field in (HasField.FIELD, HasField.TO_CREATE) and not row.target:
        yield "target", "Name the field, also one that is still to be created."
    if row.target and not all(row.target.split(".")):
        yield "target", f"“{row.target}” is not a dotted name"
    if row.format and (problem := formats.problem_of(row.type or "AS_IS", row.format)):
        yield "format", problem
    yield from method_problems("method", row.method)
    yield from _way_problems(row)


def _way_problems(row: "Item") -> Problems:
    if not row.path:
        return
    if row.questionnaire.is_graphql:
        yield from document_problems("path", row.path)
    else:
        yield from template_problems("path", [row.path])


def method_problems(name: str, method: str) -> Problems:
    if method and method.upper() not in METHODS:
        yield name, f"“{method}” does not update a field; known: {', '.join(METHODS)}."


def template_problems(name: str, texts: list[str]) -> Problems:
    for text in texts:
        try:
            roots = {root for each in template(text).expressions for root in each.roots}
        except TemplateError as error:
            yield name, str(error)
            continue
        for root in sorted(roots - set(ROOTS)):
            yield name, f"“{root}” is not known here; a request may read {', '.join(ROOTS)}."


def document_problems(name: str, document: str) -> Problems:
    try:
        if document:
            parsed(document)
    except PermanentError as error:
        yield name, str(error)


def inside_others(targets: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (target, sentence) for names of which only one can be written."""
    for number, target in enumerate(targets):
        if target in targets[:number]:
            yield target, f"“{target}” is filled by two facts: one field holds one."
        for outer in (each for each in targets if target.startswith(f"{each}.")):
            yield target, f"“{target}” lies inside “{outer}”: only one of them can be written."
