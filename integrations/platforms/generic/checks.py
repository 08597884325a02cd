"""Connections of this platform: their settings, and what "test connection" asks."""

from integrations.connections.models import Connection
from integrations.connections.setting_schema import Field
from integrations.core import graphql
from integrations.core.errors import PermanentError
from integrations.core.http import OutboundClient

SETTINGS = (
    Field("check_path", "Path to test with", help="Asked with GET by “test connection”, such as /api/me."),
    Field("graphql_path", "Path of GraphQL", help="Such as /graphql; empty where there is none."),
    Field(
        "script_key_header",
        "Header of scripts' keys",
        help="Such as Idempotency-Key, if the system knows repetitions by it; empty: no key goes out.",
    ),
)


def check(connection: Connection, client: OutboundClient) -> str:
    """Ask the check path; with GraphQL alone, its type name. :raises FieldportError:"""
    path, graphql_path = connection.setting("check_path", ""), connection.setting("graphql_path", "")
    if graphql_path and not path:
        reply = graphql.execute(client, graphql_path, "{ __typename }", effect=False)
        if reply.errors:
            raise PermanentError(f"GraphQL answered with errors: {reply.messages}")
        return f"GraphQL at {graphql_path} answered."
    response = client.request("GET", path)
    return f"{path or client.base_url} answered {response.status_code} with {len(response.content)} bytes."
