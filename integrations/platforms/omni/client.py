"""The GraphQL API of the event service, typed (sheet, 7). Raises TransientError or PermanentError (or a kind)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.core import graphql
from integrations.core.errors import AuthFailed, PermanentError
from integrations.core.http import OutboundClient
from integrations.platforms.omni.abilities import (
    INTROSPECTION,
    Abilities,
    Operation,
    abilities,
    documented,
    order_by_creation,
)
from integrations.platforms.omni.options import GRAPHQL

PAGE, MOST_PAGES = 200, 50
PAGED = "pagination: {offset: $offset, limit: $limit}"
ENDPOINT = "id name type meta workspaceId"
FILTER = f"id name endpoints {{ {ENDPOINT} }}"
EVENT = "id type date data agentId cameraId workspaceId"


class QueryRefused(PermanentError):
    """The server answered with errors and no data."""


@dataclass(frozen=True)
class RemoteEndpoint:
    id: str
    name: str
    type: str
    url: str = ""
    workspace: str = ""


@dataclass(frozen=True)
class RemoteFilter:
    id: str
    name: str
    endpoints: Sequence[RemoteEndpoint] = ()


class OmniClient:
    """`able` says what the server calls things; `probe` asks it."""

    def __init__(self, http: OutboundClient, *, able: Abilities) -> None:
        self._http = http
        self.able = able

    def probe(self, *, at: str) -> Abilities:
        """Ask the server for its schema; where it does not tell, only what is documented is used from now on."""
        reply = graphql.execute(self._http, GRAPHQL, INTROSPECTION, effect=False)
        if reply.data and reply.data.get("__schema"):
            self.able = abilities(reply.data, at=at)
        else:
            self._check_credentials(reply.messages)
            self.able = documented(at=at)
        return self.able

    def _check_credentials(self, said: str) -> None:
        """A server that lets nobody in answers errors to everything, and must not be taken for one that is shy."""
        reply = graphql.execute(self._http, GRAPHQL, "{ events(pagination: {limit: 1}) { totalCount } }", effect=False)
        if reply.data is None:
            raise AuthFailed(f"The event service refuses every query: {reply.messages or said}")

    def endpoints(self) -> list[RemoteEndpoint] | None:
        """Return all endpoints of the workspace; None if the server has no list of them."""
        operation = self.able.operation("endpoints")
        return None if operation is None else [endpoint_of(row) for row in self._all(operation, ENDPOINT)]

    def filters(self) -> list[RemoteFilter]:
        operation = self._needed("filters")
        return [filter_of(row) for row in self._all(operation, FILTER)]

    def create_websocket(self, name: str) -> RemoteEndpoint:
        document = f"mutation($name: String!) {{ made: createWebSocketEndpoint(name: $name) {{ {ENDPOINT} }} }}"
        return endpoint_of(self._one(document, {"name": name}))

    def create_webhook(self, name: str, *, url: str) -> RemoteEndpoint:
        document = f"""mutation($name: String!, $url: String!, $method: String) {{
            made: createWebhookEndpoint(name: $name, url: $url, method: $method) {{ {ENDPOINT} }} }}"""
        return endpoint_of(self._one(document, {"name": name, "url": url, "method": "POST"}))

    def update_webhook(self, id: str, *, url: str) -> bool:
        """Give a webhook another address; False if the server offers no such mutation."""
        operation = self.able.operation("update_webhook")
        if operation is None or "url" not in operation.arguments:
            return False
        document = f"mutation($id: ID!, $url: String) {{ made: {operation.name}(id: $id, url: $url) {{ id }} }}"
        self._one(document, {"id": id, "url": url})
        return True

    def delete_endpoint(self, id: str) -> bool:
        return self._delete("delete_endpoint", id)

    def create_filter(self, name: str, *, conditions: Mapping[str, Sequence[str]], endpoints: Sequence[str]) -> str:
        operation = self._needed("create_filter")
        document = f"""mutation($in: EventFiltersInput!, $name: String, $endpoints: [ID!]) {{
            made: {operation.name}(eventFiltersInput: $in, name: $name, endpointIds: $endpoints) {{ id }} }}"""
        return str(self._one(document, {"in": {"in": conditions}, "name": name, "endpoints": list(endpoints)})["id"])

    def update_filter(self, id: str, *, conditions: Mapping[str, Sequence[str]], endpoints: Sequence[str]) -> bool:
        """Replace conditions and links of a filter; False if the server offers no such mutation."""
        operation = self.able.operation("update_filter")
        if operation is None:
            return False
        document = f"""mutation($id: ID!, $in: EventFiltersInput, $endpoints: [ID!]) {{
            made: {operation.name}(id: $id, eventFiltersInput: $in, endpointIds: $endpoints) {{ id }} }}"""
        self._one(document, {"id": id, "in": {"in": conditions}, "endpoints": list(endpoints)})
        return True

    def delete_filter(self, id: str) -> bool:
        return self._delete("delete_filter", id)

    def events(self, *, since: datetime, offset: int = 0, limit: int = PAGE) -> list[dict[str, Any]]:
        """Return events of this moment and later, the oldest first (documented: DOCS api_reference_events 1.18.1)."""
        document = f"""query Backfill($since: DateTime!, $offset: Int, $limit: Int) {{
            events(filters: {{date: {{gte: $since}}}}, order: {{date: ASC}}, {PAGED})
            {{ totalCount collectionItems {{ {EVENT} }} }} }}"""
        data = self._asked(document, {"since": since.isoformat(), "offset": offset, "limit": limit})
        return rows_of(data["events"])

    def _delete(self, role: str, id: str) -> bool:
        """Delete one thing, by whichever argument the server takes; False if it offers no such mutation."""
        operation = self.able.operation(role)
        if operation is None:
            return False
        if "ids" in operation.arguments:
            document = f"mutation($ids: [ID!]!) {{ {operation.name}(ids: $ids) {{ __typename }} }}"
            self._asked(document, {"ids": [id]})
        else:
            self._asked(f"mutation($id: ID!) {{ {operation.name}(id: $id) {{ __typename }} }}", {"id": id})
        return True

    def _all(self, operation: Operation, fields: str) -> list[dict[str, Any]]:
        """Read a whole list, page by page, in the order of creation where the server can."""
        arguments = ", ".join(filter(None, (order_by_creation(operation), PAGED)))
        document = f"""query($offset: Int, $limit: Int) {{
            found: {operation.name}({arguments}) {{ totalCount collectionItems {{ {fields} }} }} }}"""
        found: list[dict[str, Any]] = []
        for number in range(MOST_PAGES):
            page = rows_of(self._asked(document, {"offset": number * PAGE, "limit": PAGE})["found"])
            found += page
            if len(page) < PAGE:
                return found
        raise PermanentError(f"{operation.name} goes on after {MOST_PAGES * PAGE} rows; that is more than is read.")

    def _needed(self, role: str) -> Operation:
        operation = self.able.operation(role)
        if operation is None:
            raise PermanentError(f"The server offers nothing to {role.replace('_', ' ')}; it may be older than 1.18.")
        return operation

    def _one(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self._asked(document, variables)["made"]
        return made

    def _asked(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        reply = graphql.execute(self._http, GRAPHQL, document, variables)
        if reply.data is None or any(value is None for value in reply.data.values()):
            raise QueryRefused(f"The event service answered with errors: {reply.messages or 'no data'}")
        return reply.data


def rows_of(collection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """:raises QueryRefused: if it is no collection of rows"""
    rows = collection.get("collectionItems") if isinstance(collection, dict) else None
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise QueryRefused("The event service answered a list in another form than documented.")
    return rows


def endpoint_of(row: Mapping[str, Any]) -> RemoteEndpoint:
    meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
    return RemoteEndpoint(
        id=str(row["id"]),
        name=str(row.get("name") or ""),
        type=str(row.get("type") or ""),
        url=str((meta or {}).get("url") or ""),
        workspace=str(row.get("workspaceId") or ""),
    )


def filter_of(row: Mapping[str, Any]) -> RemoteFilter:
    endpoints = [endpoint_of(each) for each in row.get("endpoints") or ()]
    return RemoteFilter(id=str(row["id"]), name=str(row.get("name") or ""), endpoints=endpoints)
