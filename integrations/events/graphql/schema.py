"""The schema as it is committed, with its scalars and the resolvers of its root fields."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from graphql import GraphQLError, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from integrations.events.access import MANAGE, MANAGE_READ, READ
from integrations.events.graphql import mutations, queries
from integrations.events.graphql.calling import resolver
from integrations.events.reading import ItemRefused, moment_of

SDL = Path(__file__).with_name("schema.graphql")
RESOLVERS: Final[dict[str, dict[str, Callable[..., Any]]]] = {
    "Query": {
        "endpoints": resolver(MANAGE_READ, queries.endpoints),
        "eventsFilters": resolver(MANAGE_READ, queries.events_filters),
        "events": resolver(READ, queries.events),
        "eventFeed": resolver(READ, queries.event_feed),
    },
    "Mutation": {
        "createWebSocketEndpoint": resolver(MANAGE, mutations.create_websocket_endpoint),
        "createWebhookEndpoint": resolver(MANAGE, mutations.create_webhook_endpoint),
        "updateEndpoint": resolver(MANAGE, mutations.update_endpoint),
        "deleteEndpoint": resolver(MANAGE, mutations.delete_endpoint),
        "deleteEndpoints": resolver(MANAGE, mutations.delete_endpoints),
        "createEventFilters": resolver(MANAGE, mutations.create_event_filters),
        "updateEventFilters": resolver(MANAGE, mutations.update_event_filters),
        "deleteEventFilters": resolver(MANAGE, mutations.delete_event_filters),
    },
}


def moment(given: Any) -> datetime:
    """Read a time. :raises GraphQLError: if it is none"""
    try:
        if isinstance(given, str) and (found := moment_of(given, "DateTime")):
            return found
    except ItemRefused:
        pass
    raise GraphQLError("It is a time such as 2024-06-01T12:00:00.250000+00:00.")


def written(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _built() -> GraphQLSchema:
    schema = build_schema(SDL.read_text())
    date_time = schema.type_map["DateTime"]
    assert isinstance(date_time, GraphQLScalarType)
    date_time.coerce_output_value, date_time.coerce_input_value = written, moment
    for name, resolvers in RESOLVERS.items():
        root = schema.type_map[name]
        assert isinstance(root, GraphQLObjectType)
        for field_name, field in root.fields.items():
            field.resolve = resolvers[field_name]
    return schema


SCHEMA: Final = _built()
