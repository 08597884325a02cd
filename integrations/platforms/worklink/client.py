"""WorkLink's GraphQL API, typed. Raises TransientError or PermanentError (or a kind of them), nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.core import graphql
from integrations.core.errors import NotFound, PermanentError
from integrations.core.graphql import GraphQLReply
from integrations.core.http import OutboundClient
from integrations.platforms.worklink import names, queries
from integrations.platforms.worklink.mapping import count_of, inner, node_list, text_of
from integrations.platforms.worklink.options import Options
from integrations.platforms.worklink.probe import Capabilities, Paged, capabilities
from integrations.platforms.worklink.refusals import raise_for

MOST_PAGES = 40
MOST_OF_A_PAGE = 100  # vendor sheet, 4.6
NESTED = ("steps", "events", "parts", "participants", "attachments")
VERSION_HEADER = "x-scopear-cms-version"


@dataclass(frozen=True)
class Reading:
    """One object as the server has it now. `gaps` says what could not be read; empty: it is whole."""

    document: dict[str, Any]
    gaps: str = ""


@dataclass(frozen=True)
class Page:
    """One page of a list: cheap facts of each object, how to go on (empty: the end), how many there are in all."""

    nodes: list[dict[str, Any]]
    position: str
    total: int | None
    ordered: bool


@dataclass(frozen=True)
class WholePage:
    """One page of a list, each object as `read` returns it."""

    readings: list[Reading]
    position: str
    total: int | None
    ordered: bool


class WorkLinkClient:
    def __init__(self, http: OutboundClient, *, options: Options, able: Capabilities) -> None:
        self._http, self._options = http, options
        self.able = able

    def probe(self, *, at: str) -> Capabilities:
        """Ask the server what it can do, and use that from now on."""
        reply = self._send(queries.INTROSPECTION, {})
        if reply.data is None:
            raise_for(reply, what="introspection")
        version = {name.lower(): value for name, value in reply.headers.items()}.get(VERSION_HEADER, "")
        self.able = capabilities(reply.data or {}, at=at, cms_version=text_of(version, most=40))
        return self.able

    def typename(self, resource_id: str) -> str:
        """Return the vendor's type of a node. :raises NotFound: if it is not there (yet)"""
        node, _ = self._node(queries.TYPENAME, {"id": resource_id})
        return text_of(node.get("__typename"), most=60)

    def read(self, resource_type: str, resource_id: str) -> Reading:
        """Read a whole session or call; one query unless its lists are long.

        :raises NotFound: if it is not there (yet)
        :raises Forbidden: if the token may not see it
        :raises QueryRefused: if the server does not understand the query: its schema is not the probed one
        """
        text = self.able.node.get(resource_type)
        if not text:
            raise PermanentError(f"The server has no type {resource_type}; test the connection to look again.")
        variables: dict[str, Any] = {"id": resource_id}
        if "$n" in text:
            variables["n"] = self._options.nested_page_size
        node, gaps = self._node(text, variables)
        if names.type_name(text_of(node.get("__typename"))) != resource_type:
            raise PermanentError(f"The id belongs to a {node.get('__typename')}, not to a {resource_type}.")
        return Reading(node, " ".join([*gaps, *self._completed(node, resource_type, variables)]))

    def page(self, resource_type: str, *, position: str = "", size: int = 0) -> Page | None:
        """Return one page of all objects of a type, newest first; None if the server has no such list."""
        paged = self.able.lists.get(resource_type)
        if paged is None:
            return None
        variables = {"size": size or self._options.page_size}
        _, found = self._listed(paged, variables, what=f"the list of {resource_type}", position=position)
        nodes = node_list(found)
        following = self._next(paged, found, position=position, count=len(nodes))
        return Page(nodes, following, count_of(found.get("totalCount")), paged.ordered)

    def whole_page(self, resource_type: str, *, position: str = "") -> WholePage | None:
        """Return one page of all objects of a type, each whole: one query, and one more for each list that is long."""
        paged = self.able.whole.get(resource_type)
        if paged is None:
            return None
        variables = {"size": self._options.page_size}
        if "$n" in paged.text:
            variables["n"] = self._options.nested_page_size
        reply, found = self._listed(paged, variables, what=f"the list of {resource_type}", position=position)
        gaps = _gaps_by_index(reply)
        nodes = [(index, node) for index, node in enumerate(_raw_nodes(found)) if isinstance(node, dict)]
        readings = [self._whole(node, resource_type, gaps=gaps.get(index, [])) for index, node in nodes]
        following = self._next(paged, found, position=position, count=len(nodes))
        return WholePage(readings, following, count_of(found.get("totalCount")), paged.ordered)

    def _whole(self, node: dict[str, Any], resource_type: str, *, gaps: list[str]) -> Reading:
        variables = {"id": node.get("id"), "n": self._options.nested_page_size}
        return Reading(node, " ".join([*gaps, *self._completed(node, resource_type, variables)]))

    def _completed(self, node: dict[str, Any], resource_type: str, variables: Mapping[str, Any]) -> list[str]:
        """Read what is left of the lists of a node; say what is missing all the same."""
        return [gap for name in NESTED for gap in self._complete(node, name, text=resource_type, variables=variables)]

    def _listed(
        self, paged: Paged, variables: dict[str, Any], *, what: str, position: str
    ) -> tuple[GraphQLReply, dict[str, Any]]:
        if paged.position:
            variables["position"] = _position_of(paged, position)
        reply = self._send(paged.text, variables)
        found = next(iter((reply.data or {}).values()), None)
        if not isinstance(found, dict):
            raise_for(reply, what=what)
            raise PermanentError(f"WorkLink answered {what} without it and without an error.")
        return reply, found

    def listed(self, type_name: str, *, position: str = "") -> Page | None:
        """Return one page of the scenarios, catalogs or users; None if the server has no such list."""
        paged = self.able.listings.get(type_name)
        if paged is None:
            return None
        size = self._options.page_size if paged.position else MOST_OF_A_PAGE
        variables: dict[str, Any] = {"n": size}
        if paged.position:
            variables["position"] = _position_of(paged, position)
        reply = self._send(paged.text, variables)
        found = inner(reply.data, *paged.path)
        if not isinstance(found, dict):
            raise_for(reply, what=f"the list of {type_name}")
            raise PermanentError(f"The server's answer has no list of {type_name}.")
        nodes = node_list(found)
        for node in nodes:
            self._complete_lists(node, type_name, size=size)
        following = self._next(paged, found, position=position, count=len(nodes))
        if not following and inner(found, "pageInfo", "hasNextPage"):
            raise PermanentError(
                f"The server lists {len(nodes)} of {type_name} and offers no way to go on. Bring a table instead."
            )
        return Page(nodes, following, count_of(found.get("totalCount")), ordered=False)

    def _complete_lists(self, node: dict[str, Any], type_name: str, *, size: int) -> None:
        """Read the rest of what is listed inside of it. :raises PermanentError: where it cannot be had whole"""
        variables = {"id": node.get("id"), "n": size}
        for name in [name for name, value in node.items() if inner(value, "pageInfo")]:
            if gaps := self._complete(node, name, text=type_name, variables=variables):
                raise PermanentError(f"{type_name} {node.get('name')}: {' '.join(gaps)}")

    def picture_links(self, event_id: str) -> dict[str, Any]:
        """Return an event's photos with fresh links. :raises NotFound:"""
        if not self.able.photo_link:
            raise NotFound("The server offers no way to read the photo's event again.")
        return self._node(self.able.photo_link, {"id": event_id})[0]

    def ask(self, text: str, variables: Mapping[str, Any], *, effect: bool = False) -> dict[str, Any]:
        """Send any operation and return its data; an answer with nothing but errors is one."""
        reply = self._send(text, variables, effect=effect)
        if reply.data is None or (reply.errors and not any(reply.data.values())):
            raise_for(reply, what="the request")
        return reply.data or {}

    def _node(self, text: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        reply = self._send(text, variables)
        node = inner(reply.data, "node")
        if not isinstance(node, dict):
            raise_for(reply, what="the object")
            raise NotFound("WorkLink knows no object with this id, or does not show it yet.")
        return node, [f"{_path(error)}: {text_of(error.get('message'))}." for error in reply.errors]

    def _complete(self, node: dict[str, Any], name: str, *, text: str, variables: Mapping[str, Any]) -> list[str]:
        """Read the further pages of a list into the node; say what is still missing."""
        connection, paged = node.get(name), self.able.nested.get(text, {}).get(name)
        position = ""
        for _ in range(MOST_PAGES):
            if not isinstance(connection, dict) or not inner(connection, "pageInfo", "hasNextPage"):
                return []
            if paged is None:
                break
            position = self._next(paged, connection, position=position, count=len(node_list(connection)))
            page, gaps = self._node(paged.text, {**variables, "position": _position_of(paged, position)})
            fresh = _append(node[name], page.get(name))
            if gaps or not fresh:
                return gaps or [f"{name}: the server does not go on after {len(node_list(node[name]))}."]
            connection = page[name]
        return [f"{name}: only the first {len(node_list(node[name]))} were read."]

    def _next(self, paged: Paged, connection: Mapping[str, Any], *, position: str, count: int) -> str:
        """Return where the next page begins; empty at the end of the list.

        What the position of an item counts from is not documented. One item of overlap is right for both readings:
        "skip so many" brings the last one again, "after the item of that index, from 0" goes on exactly.
        """
        more = inner(connection, "pageInfo", "hasNextPage")
        if not more or not count or not paged.position:
            return ""
        if paged.position == "afterIndex":
            return str(int(position or 0) + max(count - 1, 1))
        return text_of(inner(connection, "pageInfo", "endCursor"))

    def _send(self, text: str, variables: Mapping[str, Any], *, effect: bool = False) -> GraphQLReply:
        options = self._options
        tenant = {"permalink": options.permalink} if options.permalink else None
        try:
            return graphql.execute(
                self._http,
                options.graphql_path,
                text,
                dict(variables),
                effect=effect,
                headers={"X-Scope-Domain": options.domain} if options.domain else None,
                params=tenant,
                members=tenant if options.permalink_in == "both" else None,
            )
        except NotFound as error:  # of the address, not of the object: waiting for it would be in vain
            raise PermanentError(
                f"There is no GraphQL API at {options.graphql_path}; check the connection's address and path. {error}",
                status=error.status,
            ) from error


def _position_of(paged: Paged, position: str) -> int | str | None:
    if paged.position == "afterIndex":
        return int(position or 0) if position else None
    return position or None


def _append(connection: dict[str, Any], page: Any) -> int:
    """Add the nodes of a further page that are not there yet; return how many."""
    nodes = connection["nodes"]
    known = {node.get("id") for node in nodes if node.get("id")}
    fresh = [node for node in node_list(page) if node.get("id") not in known]
    nodes.extend(fresh)
    return len(fresh)


def _path(error: Mapping[str, Any]) -> str:
    path = error.get("path")
    return ".".join(str(each) for each in path) if isinstance(path, list) else "answer"


def _raw_nodes(connection: Mapping[str, Any]) -> list[Any]:
    nodes = connection.get("nodes")
    return nodes if isinstance(nodes, list) else []


def _gaps_by_index(reply: GraphQLReply) -> dict[int, list[str]]:
    """Return what an answer could not tell, by the place in the list of the object it is about."""
    gaps: dict[int, list[str]] = {}
    for error in reply.errors:
        path = error.get("path")
        if isinstance(path, list) and len(path) > 2 and path[1] == "nodes" and isinstance(path[2], int):
            gaps.setdefault(path[2], []).append(f"{_path(error)}: {text_of(error.get('message'))}.")
    return gaps
