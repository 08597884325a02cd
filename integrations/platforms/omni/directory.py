"""Cameras, agents, watchlists and profiles: learnt from pushes, and listed by the main API as far as it has them.

The vendor documents that the main API has them, not how (sheet, 7.1): its schema is asked, and what it lacks is left.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from integrations.connections.models import Connection
from integrations.core import graphql
from integrations.core.errors import NotFound, PermanentError
from integrations.core.http import OutboundClient
from integrations.events.services import directory
from integrations.platforms.omni.abilities import INTROSPECTION, base_type
from integrations.platforms.omni.models import Listed, Subscription
from integrations.platforms.omni.options import workspace_of

PAGE, MOST_PAGES = 200, 1000
AGENT, CAMERA, WATCHLIST, PROFILE = "agent", "camera", "watchlist", "profile"
_LISTS = {
    AGENT: r"agents",
    CAMERA: r"cameras",
    WATCHLIST: r"profile_?groups|watch_?lists",
    PROFILE: r"profiles|persons",
}
# What may be asked of each row: a scalar by its name, or an object with the one field that is needed.
_FIELDS = {
    AGENT: ("id", "title", "name"),
    CAMERA: ("id", "title", "name", "type", "stream", "realName", "width", "height", "agentId", "agent"),
    WATCHLIST: ("id", "title", "name", "info", "color"),
    PROFILE: ("id", "info", "age", "gender", "avatarId", "mainSampleId", "profileGroups"),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list that the server has, and what its rows have."""

    kind: str
    name: str
    fields: tuple[str, ...]


def sync(row: Subscription, http: OutboundClient, *, now: datetime, renew: Callable[[], None]) -> str:
    """Store what the platform lists and take out what it lists no more; return a sentence on it."""
    connection = row.connection
    path = str(connection.setting("main_api"))
    try:
        reply = graphql.execute(http, path, INTROSPECTION, effect=False)
    except NotFound:
        return f"There is no main API at {path}."
    if not (reply.data and reply.data.get("__schema")):
        return "The main API does not tell its schema; cameras and profiles are known from events alone."
    said = []
    for listing in listings(reply.data):
        rows = list(_rows(http, path, listing, renew))
        said.append(f"{_store(connection, listing.kind, rows, now=now)}")
    return " ".join(said) or "The main API lists nothing that is known here."


def listings(data: Mapping[str, Any]) -> list[Listing]:
    """Return the lists of a schema that are useful here."""
    types = {each["name"]: each for each in data["__schema"]["types"]}
    query = types[data["__schema"]["queryType"]["name"]]
    found = []
    for kind, pattern in _LISTS.items():
        for field in query["fields"]:
            if re.fullmatch(pattern, field["name"], re.IGNORECASE) and (fields := _fields(kind, field, types)):
                found.append(Listing(kind, field["name"], fields))
                break
    return found


def _fields(kind: str, field: Mapping[str, Any], types: Mapping[str, Any]) -> tuple[str, ...]:
    collection = types.get(base_type(field["type"])) or {}
    items = next((each for each in collection.get("fields") or () if each["name"] == "collectionItems"), None)
    if items is None or not any(each["name"] == "pagination" for each in field["args"]):
        return ()
    item = types.get(base_type(items["type"])) or {}
    chosen = []
    for each in item.get("fields") or ():
        if each["name"] in _FIELDS[kind]:
            is_object = (types.get(base_type(each["type"])) or {}).get("kind") == "OBJECT"
            chosen.append(f"{each['name']} {{ id }}" if is_object else each["name"])
    return tuple(chosen) if "id" in chosen else ()


def _rows(http: OutboundClient, path: str, listing: Listing, renew: Callable[[], None]) -> Iterator[Row]:
    document = f"""query($offset: Int, $limit: Int) {{
        found: {listing.name}(pagination: {{offset: $offset, limit: $limit}}) {{
            totalCount collectionItems {{ {" ".join(listing.fields)} }} }} }}"""
    for number in range(MOST_PAGES):
        reply = graphql.execute(http, path, document, {"offset": number * PAGE, "limit": PAGE}, effect=False)
        if reply.data is None or reply.data.get("found") is None:
            raise PermanentError(f"The main API does not list {listing.name}: {reply.messages}")
        page = reply.data["found"]["collectionItems"]
        yield from page
        renew()
        if len(page) < PAGE:
            return
    raise PermanentError(f"{listing.name} goes on after {MOST_PAGES * PAGE} rows; that is more than is read.")


def _store(connection: Connection, kind: str, rows: list[Row], *, now: datetime) -> str:
    known = {each.uuid: each for each in Listed.objects.filter(connection=connection, kind=kind)}
    changed, seen = 0, set()
    for given in rows:
        uuid = _uuid(given.get("id"))
        if uuid is None:
            continue
        seen.add(uuid)
        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        if uuid in known and known[uuid].digest == digest:
            continue
        _PUT[kind](workspace_of(connection), uuid, given, now)
        Listed.objects.update_or_create(connection=connection, kind=kind, uuid=uuid, defaults={"digest": digest})
        changed += 1
    gone = [uuid for uuid in known if uuid not in seen]
    if gone and not seen:
        return f"No {kind} is listed any more; {len(gone)} stay as they are, since the token may have lost its right."
    for uuid in gone:
        _DELETE[kind](workspace_of(connection), uuid, now)
        known[uuid].delete()
    return f"{len(rows)} {kind}s, {changed} new or changed, {len(gone)} deleted."


def _put_agent(workspace_id: int, uuid: UUID, row: Row, now: datetime) -> None:
    directory.put_agent(workspace_id, uuid, now=now, title=_title(row))


def _put_camera(workspace_id: int, uuid: UUID, row: Row, now: datetime) -> None:
    values: Row = {name: _text(row[name], most) for name, most in (("type", 40), ("stream", 2048)) if name in row}
    values |= {name: row[name] for name in ("width", "height") if isinstance(row.get(name), int)}
    if "realName" in row or "real_name" in row:
        values["real_name"] = _text(row.get("realName", row.get("real_name")), 300)
    agent = row.get("agentId") or row.get("agent_id") or (row.get("agent") or {}).get("id")
    directory.put_camera(workspace_id, uuid, now=now, title=_title(row), agent_id=_uuid(agent), **values)


def _put_watchlist(workspace_id: int, uuid: UUID, row: Row, now: datetime) -> None:
    color = _info(row).get("color") or row.get("color")
    title = {"title": _title(row)} if _title(row) else {}  # pushes name no title (sheet, 4.2)
    directory.put_watchlist(workspace_id, uuid, now=now, color=_text(color, 40), **title)


def _put_profile(workspace_id: int, uuid: UUID, row: Row, now: datetime) -> None:
    told = _info(row) | row
    age = told.get("age")
    values: Row = {
        "age": age if isinstance(age, int) and 0 <= age < 200 else None,
        "gender": _text(told.get("gender"), 20),
        "avatar_id": _uuid(told.get("avatarId") or told.get("avatar_id")),
        "main_sample_id": _uuid(told.get("mainSampleId") or told.get("main_sample_id")),
    }
    groups = row.get("profileGroups")
    members = [found for each in groups if (found := _uuid(each.get("id")))] if isinstance(groups, list) else None
    directory.put_profile(workspace_id, uuid, now=now, watchlists=members, **values)


_PUT = {AGENT: _put_agent, CAMERA: _put_camera, WATCHLIST: _put_watchlist, PROFILE: _put_profile}
_DELETE: dict[str, Callable[[int, UUID, datetime], Any]] = {
    AGENT: lambda workspace, uuid, now: directory.delete_agent(workspace, uuid),
    CAMERA: lambda workspace, uuid, now: directory.delete_camera(workspace, uuid),
    WATCHLIST: lambda workspace, uuid, now: directory.delete_watchlist(workspace, uuid),
    PROFILE: lambda workspace, uuid, now: directory.delete_profile(workspace, uuid, now=now),
}


class Learner:
    """What pushes say of cameras, people and watchlists, written when it is new to this process."""

    MOST = 20_000

    def __init__(self, connection: Connection) -> None:
        self._workspace_id = workspace_of(connection)
        self._seen: dict[tuple[str, str], str] = {}

    def learn(self, pushed: Any, *, now: datetime) -> None:
        """Learn from an event that the log has accepted, whose ids are therefore UUIDs."""
        camera = pushed["camera"]
        if camera.get("title") or camera.get("stream"):
            self._put(CAMERA, camera, now=now)
        for candidate in pushed.get("candidates") or ():
            groups = candidate.get("profile_groups")
            for group in groups or ():
                self._put(WATCHLIST, group, now=now)
            profile = candidate["profile"]
            if not candidate.get("deleted") and len(profile) > 1:
                self._put(PROFILE, profile | ({"profileGroups": groups} if groups is not None else {}), now=now)

    def _put(self, kind: str, row: Row, *, now: datetime) -> None:
        key, said = (kind, str(row["id"])), json.dumps(row, sort_keys=True)
        if self._seen.get(key) == said:
            return
        if len(self._seen) >= self.MOST:
            self._seen.clear()
        _PUT[kind](self._workspace_id, UUID(str(row["id"])), row, now)
        self._seen[key] = said


def _title(row: Row) -> str:
    return _text(row.get("title") or row.get("name"), 300)


def _text(value: Any, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _info(row: Row) -> Row:
    info = row.get("info")
    return info if isinstance(info, dict) else {}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
