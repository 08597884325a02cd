"""A fast way to run plain queries: a validated selection becomes a tree of closures, built once per query text.

It answers only what needs no error, no directive and no introspection. Everything else raises NeedsFullExecution (or
whatever a resolver raised), and the caller lets graphql-core run the query, so that the meaning stays its meaning.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values

from tests.simulators.engine.resolving import Context, Doc, resolver_of

Complete = Callable[[Any, "Run"], Any]
ReadField = Callable[[Doc, "Run"], Any]

KEPT_ARGUMENTS = 512


class NeedsFullExecution(Exception):
    """This query, or this answer, is not plain."""


class Run:
    """One execution: who asks, with which variables."""

    __slots__ = ("context", "variables")

    def __init__(self, context: Context, variables: VariableValues) -> None:
        self.context = context
        self.variables = variables


class CompiledQuery:
    """:raises NeedsFullExecution: if the document is not one plain query"""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY or schema.query_type is None:
            raise NeedsFullExecution
        self._schema = schema
        self._definitions = operations[0].variable_definitions or ()
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._root = self._object(schema.query_type, [operations[0].selection_set])

    def run(self, context: Context, variables: dict[str, Any]) -> Doc:
        coerced = get_variable_values(self._schema, self._definitions, variables)
        if isinstance(coerced, list):
            raise NeedsFullExecution
        data: Doc = self._root({}, Run(context, coerced))
        return data

    def _object(self, parent: GraphQLObjectType, sets: list[SelectionSetNode]) -> Complete:
        collected: dict[str, list[FieldNode]] = {}
        for each in sets:
            self._collect(parent, each, collected)
        fields = [(key, self._field(parent, nodes)) for key, nodes in collected.items()]

        def complete(doc: Doc, run: Run) -> Doc:
            return {key: read(doc, run) for key, read in fields}

        return complete

    def _collect(self, parent: GraphQLObjectType, chosen: SelectionSetNode, into: dict[str, list[FieldNode]]) -> None:
        for selection in chosen.selections:
            if selection.directives:
                raise NeedsFullExecution
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                into.setdefault(key, []).append(selection)
                continue
            fragment = self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
            if self._applies(fragment, parent):
                self._collect(parent, fragment.selection_set, into)

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLObjectType) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.get_type(fragment.type_condition.name.value)
        if condition is parent:
            return True
        return is_abstract_type(condition) and self._schema.is_sub_type(condition, parent)

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> ReadField:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda doc, run: parent.name
        if name.startswith("__"):
            raise NeedsFullExecution
        field = parent.fields[name]
        complete = self._value(field.type, [node.selection_set for node in nodes if node.selection_set])
        resolver = resolver_of(field)
        if resolver is None:
            return lambda doc, run: complete(doc.get(name), run)
        arguments = _arguments(field, nodes[0])
        return lambda doc, run: complete(resolver(doc, arguments(run), run.context), run)

    def _value(self, kind: GraphQLOutputType, sets: list[SelectionSetNode]) -> Complete:
        if isinstance(kind, GraphQLNonNull):
            return _not_null(self._value(kind.of_type, sets))
        if isinstance(kind, GraphQLList):
            return _each(self._value(kind.of_type, sets))
        if is_leaf_type(kind):
            return _leaf(kind)
        if isinstance(kind, GraphQLObjectType):
            return _or_null(self._object(kind, sets))
        return self._abstract(sets)

    def _abstract(self, sets: list[SelectionSetNode]) -> Complete:
        known: dict[str, Complete] = {}

        def complete(doc: Doc | None, run: Run) -> Any:
            if doc is None:
                return None
            name = run.context.typename(doc)
            if name not in known:
                concrete = self._schema.get_type(name)
                assert isinstance(concrete, GraphQLObjectType)
                known[name] = self._object(concrete, sets)
            return known[name](doc, run)

        return complete


def _not_null(inner: Complete) -> Complete:
    def complete(value: Any, run: Run) -> Any:
        if (result := inner(value, run)) is None:
            raise NeedsFullExecution
        return result

    return complete


def _or_null(inner: Complete) -> Complete:
    return lambda value, run: None if value is None else inner(value, run)


def _each(inner: Complete) -> Complete:
    return lambda value, run: None if value is None else [inner(item, run) for item in value]


def _leaf(kind: GraphQLLeafType) -> Complete:
    """Text in a text field is what it is already: most leaves are."""
    serialize, plain = kind.serialize, str if kind.name in ("String", "ID") else type(None)
    return lambda value, run: value if value is None or type(value) is plain else serialize(value)


def _arguments(field: Any, node: FieldNode) -> Callable[[Run], dict[str, Any]]:
    """The field's arguments for a run, remembered for the variables that they depend on."""
    names = sorted(_variables_of(node))
    if not names:
        fixed = get_argument_values(field, node)
        return lambda run: fixed
    kept: dict[Any, dict[str, Any]] = {}

    def read(run: Run) -> dict[str, Any]:
        coerced = run.variables.coerced
        key = repr([coerced.get(name, ...) for name in names])
        if key not in kept:
            if len(kept) >= KEPT_ARGUMENTS:
                kept.clear()
            kept[key] = get_argument_values(field, node, run.variables)
        return kept[key]

    return read


def _variables_of(node: FieldNode) -> set[str]:
    found: set[str] = set()
    waiting: list[Any] = [argument.value for argument in node.arguments or ()]
    while waiting:
        value = waiting.pop()
        if value.kind == "variable":
            found.add(value.name.value)
        waiting.extend(getattr(value, "values", None) or ())
        waiting.extend(field.value for field in getattr(value, "fields", None) or ())
    return found
