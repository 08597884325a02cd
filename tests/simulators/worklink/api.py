"""Running GraphQL: texts are parsed and validated once per schema."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)

from tests.simulators.worklink.compiled import CompiledQuery, NeedsFullExecution, canonical
from tests.simulators.worklink.mutations import MUTATIONS
from tests.simulators.worklink.resolvers import RESOLVERS
from tests.simulators.worklink.schema import schema_for
from tests.simulators.worklink.state import View

KEPT_TEXTS = 1000
_RESOLVERS = RESOLVERS | MUTATIONS


@dataclass(slots=True)
class Prepared:
    """One query text, checked against one schema."""

    schema: GraphQLSchema
    document: DocumentNode | None
    errors: list[GraphQLError]
    compiled: CompiledQuery | None = None


_prepared: dict[tuple[int, str], Prepared] = {}


def execute(view: View, text: str, variables: dict[str, Any], operation: str | None = None) -> dict[str, Any]:
    """The response document of one request; errors are inside, as GraphQL has them."""
    prepared = _prepare(view, text)
    if prepared.document is None:
        return {"data": None, "errors": [error.formatted for error in prepared.errors]}
    with view.state.lock:
        if prepared.compiled is not None:
            try:
                return {"data": prepared.compiled.run(view, variables)}
            except (NeedsFullExecution, GraphQLError):
                pass  # the full executor knows how to report it
        return _execute_fully(prepared, view, variables, operation)


def operation_name(text: str, given: str | None) -> str:
    """The operation's name, else its first field."""
    if given:
        return given
    try:
        definition = parse(text).definitions[0]
    except GraphQLError:
        return "invalid"
    if not isinstance(definition, OperationDefinitionNode):
        return "unnamed"
    first = definition.selection_set.selections[0]
    named = definition.name or (first.name if isinstance(first, FieldNode) else None)
    return named.value if named else "unnamed"


def _execute_fully(prepared: Prepared, view: View, variables: dict[str, Any], operation: str | None) -> dict[str, Any]:
    assert prepared.document is not None
    result = execute_sync(
        prepared.schema,
        prepared.document,
        root_value={},
        context_value=view,
        variable_values=variables,
        operation_name=operation,
        field_resolver=_resolve,
        type_resolver=lambda doc, *_: view.state.typename(doc),
    )
    return dict(result.formatted)


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
    view: View = info.context
    name = f"{canonical(info.parent_type.name, view.state.settings.call_type)}.{info.field_name}"
    resolver = _RESOLVERS.get(name)
    return resolver(source, args, view) if resolver else source.get(info.field_name)


def _prepare(view: View, text: str) -> Prepared:
    schema = schema_for(view.state.settings)
    key = (id(schema), text)
    if key not in _prepared:
        if len(_prepared) >= KEPT_TEXTS:
            _prepared.clear()
        _prepared[key] = _check(schema, text, view.state.settings.call_type)
    return _prepared[key]


def _check(schema: GraphQLSchema, text: str, call_type: str) -> Prepared:
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(schema, None, [error])
    if errors := validate(schema, document):
        return Prepared(schema, None, errors)
    try:
        compiled = CompiledQuery(schema, document, call_type=call_type)
    except NeedsFullExecution:
        compiled = None
    return Prepared(schema, document, [], compiled)
