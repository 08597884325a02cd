"""Resolvers as plain functions of document, arguments and context, tied to the fields of a schema."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

Doc = dict[str, Any]
Resolver = Callable[[Doc, dict[str, Any], Any], Any]

_KEY = "fieldport.resolver"


class Context(Protocol):
    """What an execution needs to know beside the resolvers, which get the same object."""

    @property
    def lock(self) -> AbstractContextManager[Any]: ...

    def typename(self, doc: Doc) -> str:
        """The concrete type of a document in an abstract place."""


def bind(schema: GraphQLSchema, resolvers: dict[str, Resolver], *, known_as: Callable[[str], str] = str) -> None:
    """Tie "Type.field" functions to their fields; `known_as` turns a type's name into the one used there."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if resolver := resolvers.get(f"{known_as(kind.name)}.{name}"):
                    field.extensions[_KEY] = resolver


def resolver_of(field: GraphQLField) -> Resolver | None:
    """None: the value is the document's member of the field's name."""
    resolver: Resolver | None = field.extensions.get(_KEY)
    return resolver
