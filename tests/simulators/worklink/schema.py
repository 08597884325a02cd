"""The schema of 4.9 in the variations that real installations show."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)

from tests.simulators.engine.resolving import bind
from tests.simulators.worklink.mutations import MUTATIONS
from tests.simulators.worklink.resolvers import RESOLVERS
from tests.simulators.worklink.settings import WorkLinkSettings

SDL = Path(__file__).with_name("schema.graphql")


def schema_for(settings: WorkLinkSettings) -> GraphQLSchema:
    """The schema that a server with these settings has."""
    removed = frozenset(settings.removed_fields)
    arguments = {"after": settings.paging_by_cursor, "afterIndex": settings.paging_by_index}
    lacking = frozenset(name for name, present in arguments.items() if not present)
    return _build(settings.call_type, removed, lacking)


@lru_cache(maxsize=16)
def _build(call_type: str, removed: frozenset[str], lacking: frozenset[str]) -> GraphQLSchema:
    document: DocumentNode = visit(parse(SDL.read_text()), _Variation(call_type, removed, lacking))
    schema = build_ast_schema(document)
    bind(schema, RESOLVERS | MUTATIONS, known_as=lambda name: "CallSession" if name == call_type else name)
    return schema


class _Variation(Visitor):
    def __init__(self, call_type: str, removed: frozenset[str], lacking: frozenset[str]) -> None:
        super().__init__()
        self._call_type = call_type
        self._removed = removed
        self._lacking = lacking

    def enter_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: Any) -> Any:
        prefix = f"{node.name.value}."
        gone = {name.removeprefix(prefix) for name in self._removed if name.startswith(prefix)}
        fields = tuple(field for field in node.fields or () if field.name.value not in gone)
        if not fields:  # a server without any mutation has no such type
            return REMOVE
        return ObjectTypeDefinitionNode(
            name=self._renamed(node.name),
            fields=tuple(self._without_arguments(field) for field in fields),
            interfaces=node.interfaces,
            directives=node.directives,
        )

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> Any:
        return NamedTypeNode(name=self._renamed(node.name))

    def _renamed(self, name: NameNode) -> NameNode:
        if not name.value.startswith("CallSession"):
            return name
        return NameNode(value=name.value.replace("CallSession", self._call_type))

    def _without_arguments(self, field: FieldDefinitionNode) -> FieldDefinitionNode:
        kept: tuple[InputValueDefinitionNode, ...] = tuple(
            argument for argument in field.arguments or () if argument.name.value not in self._lacking
        )
        return FieldDefinitionNode(name=field.name, type=field.type, arguments=kept, directives=field.directives)
