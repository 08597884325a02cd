"""What the fields of the two APIs answer."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from tests.simulators.omni.golden import TYPES, Row
from tests.simulators.omni.state import Endpoint, Filter, OmniState, api_time, described, new_id

_ENVELOPE = ("type", "activity_id", "camera", "candidates", "event")
METHODS = ("POST", "PUT", "PATCH")
Fields = dict[str, Callable[..., Any]]


class Resolvers:
    def __init__(self, state: OmniState) -> None:
        self._state = state

    def events(self) -> Fields:
        return {
            "endpoints": self._endpoints,
            "events": self._events,
            "eventsFilters": self._filters,
            "createWebSocketEndpoint": self._create_websocket,
            "createWebhookEndpoint": self._create_webhook,
            "updateEndpoint": self._update_endpoint,
            "deleteEndpoint": self._delete_endpoint,
            "createEventFilters": self._create_filter,
            "updateEventFilters": self._update_filter,
            "deleteEventFilters": self._delete_filters,
        }

    def main(self) -> Fields:
        state = self._state
        return {
            "me": lambda _info: {"workspaces": [{"id": state.workspace, "accesses": [{"id": state.token}]}]},
            "agents": lambda _info, pagination=None: page(state.agents.values(), pagination),
            "cameras": lambda _info, pagination=None: page(state.cameras.values(), pagination),
            "profileGroups": lambda _info, pagination=None: page(state.groups.values(), pagination),
            "profiles": lambda _info, pagination=None: page(map(self._profile, state.profiles.values()), pagination),
        }

    def _profile(self, row: Row) -> Row:
        return row | {"profileGroups": [self._state.groups[each] for each in row["groups"]]}

    def _endpoints(
        self, _info: Any, filters: Row | None = None, order: Row | None = None, pagination: Row | None = None
    ) -> Row:
        rows = ordered(map(self._endpoint, self._state.endpoints.values()), order)
        return page(only(rows, filters), pagination)

    def _endpoint(self, row: Endpoint) -> Row:
        return described(row) | {"type": row.type, "meta": row.meta, "workspaceId": self._state.workspace}

    def _filters(
        self, _info: Any, filters: Row | None = None, order: Row | None = None, pagination: Row | None = None
    ) -> Row:
        rows = ordered(map(self._filter, self._state.filters.values()), order)
        return page(only(rows, filters), pagination)

    def _filter(self, row: Filter) -> Row:
        """The conditions cannot be read back: the vendor's page shows no field for them."""
        endpoints = [self._endpoint(self._state.endpoints[each]) for each in row.endpoints]
        return described(row) | {"meta": {}, "workspaceId": self._state.workspace, "endpoints": endpoints}

    def _events(
        self, _info: Any, filters: Row | None = None, order: Row | None = None, pagination: Row | None = None
    ) -> Row:
        rows = [each for each in map(self._event, self._state.events) if wanted_by(filters or {}, each)]
        rows.sort(key=lambda row: row["date"], reverse=(order or {}).get("date") != "ASC")
        return page(rows, pagination)

    def _event(self, event: Row) -> Row:
        stored = self._state.stored_at[event["event"]["id"]]
        return {
            "id": event["event"]["id"],
            "type": event["type"].upper(),
            "date": api_time(datetime.fromisoformat(event["event"]["detection_date"])),
            "data": data_of(event),
            "agentId": event["camera"].get("agent_id"),
            "cameraId": event["camera"]["id"],
            "workspaceId": self._state.workspace,
            "creationDate": stored,
            "lastModified": stored,
            "activityId": event.get("activity_id"),
        }

    def _create_websocket(self, _info: Any, name: str) -> Row:
        return self._made(name, "WEB_SOCKET", {})

    def _create_webhook(self, _info: Any, name: str, url: str, method: str | None = None) -> Row:
        return self._made(name, "WEB_HOOK", target(url, method or "POST"))

    def _made(self, name: str, type: str, meta: Row) -> Row:
        at = self._state.stamp()
        row = Endpoint(new_id(), name, type, created=at, modified=at, meta=meta)
        self._state.endpoints[row.id] = row
        self._state.changes.append(("create", "endpoint", row.id))
        return self._endpoint(row)

    def _update_endpoint(self, _info: Any, id: str, name: str | None = None, **changed: str) -> Row:
        row = found(self._state.endpoints, id)
        row.name, row.modified = name or row.name, self._state.stamp()
        if changed:
            row.meta = target(changed.get("url", row.meta["url"]), changed.get("method", row.meta["method"]))
        self._state.changes.append(("update", "endpoint", id))
        return self._endpoint(row)

    def _delete_endpoint(self, _info: Any, id: str) -> Row:
        found(self._state.endpoints, id)
        del self._state.endpoints[id]
        for each in self._state.filters.values():
            each.endpoints = [endpoint for endpoint in each.endpoints if endpoint != id]
        self._state.pushing.close(code=4404, endpoints=[id])
        self._state.changes.append(("delete", "endpoint", id))
        return {"ok": True}

    def _create_filter(
        self, _info: Any, eventFiltersInput: Row, name: str | None = None, endpointIds: list[str] | None = None
    ) -> Row:
        at = self._state.stamp()
        row = Filter(new_id(), name, {}, [], created=at, modified=at)
        self._change(row, eventFiltersInput, endpointIds or [])
        self._state.filters[row.id] = row
        self._state.changes.append(("create", "filter", row.id))
        return self._filter(row)

    def _update_filter(
        self,
        _info: Any,
        id: str,
        eventFiltersInput: Row | None = None,
        name: str | None = None,
        endpointIds: list[str] | None = None,
    ) -> Row:
        row = found(self._state.filters, id)
        self._change(row, eventFiltersInput, endpointIds)
        row.name, row.modified = name or row.name, self._state.stamp()
        self._state.changes.append(("update", "filter", id))
        return self._filter(row)

    def _change(self, row: Filter, given: Row | None, endpoints: list[str] | None) -> None:
        """All or nothing (sheet, 9.1: 6, 7, 9)."""
        for each in endpoints or ():
            found(self._state.endpoints, each)
        if given is not None:
            conditions = {name: values or [] for name, values in given["in"].items()}
            conditions["eventTypes"] = [each.upper() for each in conditions.get("eventTypes", [])]
            if unknown := [each for each in conditions["eventTypes"] if each.lower() not in TYPES]:
                raise GraphQLError(f"unknown event type {unknown[0]}")
            row.conditions = conditions
        if endpoints is not None:
            row.endpoints = list(dict.fromkeys(endpoints))

    def _delete_filters(self, _info: Any, ids: list[str]) -> Row:
        for each in ids:
            found(self._state.filters, each)
        for each in ids:
            del self._state.filters[each]
            self._state.changes.append(("delete", "filter", each))
        return {"ok": True}


def found(rows: dict[str, Any], id: str) -> Any:
    if id not in rows:
        raise GraphQLError("not found")
    return rows[id]


def target(url: str, method: str) -> Row:
    if not url.startswith(("http://", "https://")) or method not in METHODS:
        raise GraphQLError("url or method is not valid")
    return {"url": url, "method": method}


def only(rows: Iterable[Row], filters: Row | None) -> list[Row]:
    wanted = ((filters or {}).get("id") or {}).get("exact")
    return [row for row in rows if wanted in (None, row["id"])]


def ordered(rows: Iterable[Row], order: Row | None) -> list[Row]:
    key, direction = next(iter((order or {"creation_date": "DESC"}).items()))
    field = "lastModified" if "odified" in key else "creationDate"
    return sorted(rows, key=lambda row: (row[field], row["id"]), reverse=direction == "DESC")


def wanted_by(filters: Row, row: Row) -> bool:
    """Whether an event passes the documented filters."""
    for name, condition in filters.items():
        if name == "date":
            if not all(_COMPARED[how](_at(row["date"]), _at(value)) for how, value in condition.items()):
                return False
        elif not ({condition.get("exact")} & _values(row, name)):
            return False
    return True


_COMPARED: dict[str, Callable[[datetime, datetime], bool]] = {
    "exact": lambda left, right: left == right,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _values(row: Row, name: str) -> set[Any]:
    if name == "dataIdentificationDataProfileId":
        return {each["profile_id"] for each in row["data"].get("identification_data") or ()}
    return {row[name]}


def data_of(event: Row) -> Row:
    """`data` of the API: images under keys with a dollar, profiles by id, and the object of the type (sheet, 7.4)."""
    images = {f"${name}": {"id": event["event"].get(name)} for name in ("image", "original_image")}
    data: Row = {name: value if value["id"] else None for name, value in images.items()}
    if "candidates" in event:
        data["identification_data"] = [
            {"profile_id": each["profile"]["id"], "confidence": each["confidence"]} for each in event["candidates"]
        ]
    return data | {name: value for name, value in event.items() if name not in _ENVELOPE}


def page(rows: Iterable[Row], pagination: Row | None) -> Row:
    """A collection, cut as plain skip and take (sheet, 7.2)."""
    items, wanted = list(rows), pagination or {}
    offset, limit = wanted.get("offset", 0), wanted.get("limit", 100)
    return {"totalCount": len(items), "collectionItems": items[offset : offset + limit]}
