"""What the forms of operations and field mappings refuse, each name with the close match offered."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from integrations.core.platforms import ContextKind, context_kind
from integrations.sync import formats
from integrations.sync.expressions import Expression, ExpressionError, compiled
from integrations.sync.script_source import SCRIPT, with_every_field
from integrations.sync.templates import TemplateError, template, texts_of

if TYPE_CHECKING:
    from integrations.sync.models import FieldMapping, Operation

Problems = Iterator[tuple[str, str]]

# What every template may read beside the source's own fields; what is below these names is not ours to know.
OPEN_ROOTS = ("record", "fields", "child", "input")
PLAIN_ROOTS = ("external_id", "key", "marker", "file")
FILE_FIELDS = ("file.name", "file.content_type", "file.size", "file.sha256", "file.base64")
ANSWER_ROOTS = ("status", "headers", "body")
_OPEN_TYPES = ("list", "object")
_TEXT_FIELDS = ("path", "readback_path", "update_path", "marker")
_TREE_FIELDS = ("query", "headers", "body", "readback_query", "readback_headers", "readback_body")
_ANSWER_FIELDS = ("success", "already_exists", "try_again", "records", "readback_expect", "created_id")


def raise_for(problems: Problems) -> None:
    """:raises ValidationError: if there are any problems, by field"""
    found: dict[str, list[str]] = {}
    for name, problem in problems:
        found.setdefault(name, []).append(problem)
    if found:
        raise ValidationError(found)


def operation_problems(operation: "Operation") -> Problems:
    """Yield (field, sentence) for all that is wrong with an operation."""
    kind = _kind_of(operation)
    if operation.kind != "LOOKUP":
        yield from _source_problems(operation, kind)
    for name in _TEXT_FIELDS:
        yield from _template_problems(name, [getattr(operation, name)], kind)
    for name in _TREE_FIELDS:
        yield from _template_problems(name, texts_of(getattr(operation, name)), kind)
    yield from _expression_problems("condition", operation.condition, kind)
    for name in _ANSWER_FIELDS:
        yield from _answer_problems(name, getattr(operation, name))
    for name in ("closed", "record_id"):
        yield from _readable_problems(name, getattr(operation, name))
    yield from _request_problems(operation)


def mapping_problems(mapping: "FieldMapping") -> Problems:
    """Yield (field, sentence) for all that is wrong with a field mapping."""
    operation = _operation_of(mapping)
    kind = _kind_of(operation) if operation else None
    yield from _expression_problems("source", mapping.source, kind)
    if problem := formats.problem_of(mapping.type, mapping.format):
        yield "format", problem
    if mapping.time_zone and mapping.time_zone not in available_timezones():
        yield "time_zone", _unknown("time zone", mapping.time_zone, available_timezones())
    if not all(mapping.target.split(".")):
        yield "target", f"“{mapping.target}” is not a dotted name"
    if operation and operation.pk:
        yield from _target_problems(mapping, operation)


def _operation_of(mapping: "FieldMapping") -> "Operation | None":
    try:
        return mapping.operation
    except ObjectDoesNotExist:
        return None


def known_fields(kind: ContextKind) -> list[str]:
    """Return the dotted names that mappings of this source may offer."""
    return [field.path for field in kind.fields]


def _target_problems(mapping: "FieldMapping", operation: "Operation") -> Problems:
    for other in operation.field_mappings.exclude(pk=mapping.pk):
        first, second = sorted((mapping.target, other.target), key=len)
        if second.startswith(f"{first}."):
            yield "target", f"“{second}” lies inside “{first}”: only one of them can be written"


def _kind_of(operation: "Operation") -> ContextKind | None:
    try:
        kind = context_kind(operation.source_type)
    except KeyError:
        return None
    return with_every_field(kind) if kind.source_type == SCRIPT else kind


def _source_problems(operation: "Operation", kind: ContextKind | None) -> Problems:
    if not operation.source_type:
        yield "source_type", "Choose what is written: sessions, calls, photos …"
    elif kind is None:
        yield "source_type", f"There is no source “{operation.source_type}”."
    else:
        for name in operation.event_types:
            if name not in kind.event_types:
                yield "event_types", _unknown("event type", str(name), kind.event_types)


def _template_problems(name: str, texts: Sequence[str], kind: ContextKind | None) -> Problems:
    for text in texts:
        try:
            expressions = template(text).expressions
        except TemplateError as error:
            yield name, str(error)
            continue
        for expression in expressions:
            yield from ((name, problem) for problem in unknown_fields(expression, kind))


def _expression_problems(name: str, text: str, kind: ContextKind | None) -> Problems:
    if not text:
        return
    try:
        expression = compiled(text)
    except ExpressionError as error:
        yield name, str(error)
        return
    yield from ((name, problem) for problem in unknown_fields(expression, kind))


def _readable_problems(name: str, text: str) -> Problems:
    try:
        if text:
            compiled(text)
    except ExpressionError as error:
        yield name, str(error)


def _answer_problems(name: str, text: str) -> Problems:
    yield from _readable_problems(name, text)
    try:
        roots = compiled(text).roots if text else frozenset()
    except ExpressionError:
        return
    for root in sorted(roots - set(ANSWER_ROOTS)):
        yield name, f"“{root}”: an answer has {', '.join(ANSWER_ROOTS)}; its content is below “body”."


def unknown_fields(expression: Expression, kind: ContextKind | None) -> Iterator[str]:
    """Yield a sentence for each field that the context of `kind` does not have; none if the kind is not known."""
    if kind is None:
        return
    allowed = _allowed(kind)
    for path in expression.paths:
        if not _is_known(path, kind, allowed):
            yield _unknown("field", path, [*allowed, *OPEN_ROOTS])


def _allowed(kind: ContextKind) -> list[str]:
    return [*known_fields(kind), *PLAIN_ROOTS, *FILE_FIELDS]


def _is_known(path: str, kind: ContextKind, allowed: Iterable[str]) -> bool:
    opened = [*OPEN_ROOTS, *kind.open_paths, *(field.path for field in kind.fields if field.type in _OPEN_TYPES)]
    inside = any(path == each or path.startswith(f"{each}.") for each in opened)
    return inside or any(path == each or each.startswith(f"{path}.") for each in [*allowed, *opened])


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"unknown {what} “{name}”" + (f"; did you mean “{close[0]}”?" if close else "")


def _request_problems(operation: "Operation") -> Problems:
    graphql = operation.protocol == "GRAPHQL"
    if graphql and not operation.document:
        yield "document", "A GraphQL operation needs a document."
    if not graphql and not operation.path:
        yield "path", "A REST operation needs a path, such as /api/orders/{record.id}."
    if operation.kind == "NOTE" and operation.body is None:
        yield "body", "A note needs a body with its text."
    if operation.lookup is not None and operation.lookup.connection_id != operation.connection_id:
        yield "lookup", "The look-up belongs to another connection."
    if operation.key_place == "BODY" and "key" not in _roots(operation):
        yield "key_place", "The key is to go in the body, and no placeholder {key} is there."
    if operation.marker and "marker" not in _roots(operation):
        yield "marker", "Nothing that is sent holds the placeholder {marker}, so it could never be found."
    if "marker" in _roots(operation) and not operation.marker:
        yield "marker", "The placeholder {marker} is used, and there is no marker."


def _roots(operation: "Operation") -> set[str]:
    texts: list[Any] = [operation.path, operation.query, operation.headers, operation.body]
    try:
        made = [template(text) for text in texts_of(texts)]
    except TemplateError:
        return set()
    return {root for each in made for expression in each.expressions for root in expression.roots}
