"""Running GraphQL: texts are parsed and validated once per schema."""

import json
from dataclasses import dataclass
from functools import lru_cache
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

from tests.simulators.engine.compiled import CompiledQuery, NeedsFullExecution
from tests.simulators.engine.resolving import Context, resolver_of

KEPT_TEXTS = 1000


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    query: str
    variables: dict[str, Any]
    operation: str | None = None
    permalink: str | None = None  # WorkLink: the tenant, as a member of the body

    @classmethod
    def parse(cls, body: bytes) -> "GraphQLRequest":
        """:raises ValueError: if it is not the JSON of a GraphQL request"""
        payload = json.loads(body)
        if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
            raise ValueError("the body must be a JSON object with a query")
        return cls(
            payload["query"], payload.get("variables") or {}, payload.get("operationName"), payload.get("permalink")
        )

    @property
    def name(self) -> str:
        """The operation's name, else its first field."""
        return self.operation or _name_in(self.query)


@dataclass(slots=True)
class Prepared:
    """One query text, checked against one schema, which must stay alive as long as its id is a key."""

    schema: GraphQLSchema
    document: DocumentNode | None
    errors: list[GraphQLError]
    compiled: CompiledQuery | None = None


_prepared: dict[tuple[int, str], Prepared] = {}


def execute(schema: GraphQLSchema, context: Context, request: GraphQLRequest) -> dict[str, Any]:
    """The response document of one request; errors are inside, as GraphQL has them."""
    prepared = _prepare(schema, request.query)
    if prepared.document is None:
        return {"data": None, "errors": [error.formatted for error in prepared.errors]}
    with context.lock:
        if prepared.compiled is not None:
            try:
                return {"data": prepared.compiled.run(context, request.variables)}
            except (NeedsFullExecution, GraphQLError):
                pass  # the full executor knows how to report it
        return _execute_fully(schema, prepared.document, context, request)


@lru_cache(maxsize=KEPT_TEXTS)
def _name_in(text: str) -> str:
    try:
        definition = parse(text).definitions[0]
    except GraphQLError:
        return "invalid"
    if not isinstance(definition, OperationDefinitionNode):
        return "unnamed"
    first = definition.selection_set.selections[0]
    named = definition.name or (first.name if isinstance(first, FieldNode) else None)
    return named.value if named else "unnamed"


def _execute_fully(
    schema: GraphQLSchema, document: DocumentNode, context: Context, request: GraphQLRequest
) -> dict[str, Any]:
    result = execute_sync(
        schema,
        document,
        root_value={},
        context_value=context,
        variable_values=request.variables,
        operation_name=request.operation,
        field_resolver=_resolve,
        type_resolver=lambda doc, *_: context.typename(doc),
    )
    return dict(result.formatted)


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
    resolver = resolver_of(info.parent_type.fields[info.field_name])
    return resolver(source, args, info.context) if resolver else source.get(info.field_name)


def _prepare(schema: GraphQLSchema, text: str) -> Prepared:
    key = (id(schema), text)
    if key not in _prepared:
        if len(_prepared) >= KEPT_TEXTS:
            _prepared.clear()
        _prepared[key] = _check(schema, text)
    return _prepared[key]


def _check(schema: GraphQLSchema, text: str) -> Prepared:
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(schema, None, [error])
    if errors := validate(schema, document):
        return Prepared(schema, None, errors)
    try:
        compiled = CompiledQuery(schema, document)
    except NeedsFullExecution:
        compiled = None
    return Prepared(schema, document, [], compiled)
