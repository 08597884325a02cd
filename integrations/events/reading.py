"""A recognition event as agents and platforms hand it in, read strictly where it matters and kept whole. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

LONGEST_TYPE = 60
MAX_CANDIDATES = 200
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
# A space or T, 0 to 9 digits of a second, Z or an offset (sheet, 4.2); without one it is UTC.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{0,9}))?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_TYPE = re.compile(r"[a-z0-9][a-z0-9_.-]*")
# What an agent says beside the event itself; it is kept, and has no place in the push form.
AGENT_ONLY, AGENT_SLOT = ("object", "parents", "trigger_source"), "$agent"
_PUSH = frozenset({"type", "activity_id", "camera", "candidates", "event", AGENT_SLOT})
_AGENT = _PUSH | {"id", "date", "source", "image", "original_image", "identification_data", *AGENT_ONLY}
_LINKS = ("image_link", "original_image_link")
_IMAGES = ("image", "original_image")


class ItemRefused(ValueError):
    """The item cannot be kept; the message says why."""


@dataclass(frozen=True)
class Item:
    """One recognition event. `camera`, `candidates`, `event` hold what was given, names as in the push form.

    `links`: where the upstream serves an image, by the image's id. `candidates` is None where the type has none.
    """

    uuid: UUID
    type: str
    date: datetime | None
    camera_id: UUID
    activity_id: UUID | None
    camera: Mapping[str, Any]
    candidates: Sequence[Mapping[str, Any]] | None
    event: Mapping[str, Any]
    extra: Mapping[str, Any]
    links: Mapping[str, str]
    digest: str


def read(given: Any) -> Item:
    """Read an item in the form of an agent, or in the form that a platform pushes.

    :raises ItemRefused: naming the field
    """
    if not isinstance(given, dict):
        raise ItemRefused("An event is a JSON object.")
    digest = hashlib.sha256(json.dumps(given, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return _pushed(given, digest) if isinstance(given.get("event"), dict) else _from_agent(given, digest)


def _pushed(given: dict[str, Any], digest: str) -> Item:
    event, camera = given["event"], _object(given.get("camera"), "camera")
    type = _type(given.get("type"))
    candidates = [_candidate(each) for each in _list(given.get("candidates"), "candidates")]
    return Item(
        uuid=uuid_of(event.get("id"), "event.id"),
        type=type,
        date=moment_of(event.get("detection_date"), "event.detection_date"),
        camera_id=uuid_of(camera.get("id"), "camera.id"),
        activity_id=_maybe_uuid(given.get("activity_id"), "activity_id"),
        camera=camera | {"id": None, "agent_id": _text(_maybe_uuid(camera.get("agent_id"), "camera.agent_id"))},
        candidates=_fitting(type, candidates, given),
        event=_images(event) | {name: event[name] for name in event if name not in _EVENT_KNOWN},
        extra={name: value for name, value in given.items() if name not in _PUSH},
        links=_links(event, candidates),
        digest=digest,
    )


_EVENT_KNOWN = frozenset({"id", "detection_date", *_IMAGES, *_LINKS})


def _from_agent(given: dict[str, Any], digest: str) -> Item:
    type = _type(given.get("type"))
    named = _list(given.get("identification_data"), "identification_data")
    extra = {name: value for name, value in given.items() if name not in _AGENT}
    told = {name: given[name] for name in AGENT_ONLY if given.get(name) is not None}
    return Item(
        uuid=uuid_of(given.get("id"), "id"),
        type=type,
        date=moment_of(given.get("date"), "date"),
        camera_id=uuid_of(given.get("source"), "source"),
        activity_id=_human(given.get("parents")),
        camera={},
        candidates=_fitting(type, [_named(each) for each in named], given),
        event=_images(given),
        extra=extra | ({AGENT_SLOT: told} if told else {}),
        links={},
        digest=digest,
    )


def _fitting(type: str, candidates: list[dict[str, Any]], given: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """An identification has candidates, be they none; other types where they were given any."""
    return candidates if type == "identification" or candidates else None


def _candidate(given: Any) -> dict[str, Any]:
    candidate = _object(given, "candidates")
    profile = _object(candidate.get("profile"), "candidates.profile")
    ids = {name: _text(_maybe_uuid(profile.get(name), f"profile.{name}")) for name in ("avatar_id", "main_sample_id")}
    found = candidate | {"profile": profile | ids | {"id": str(uuid_of(profile.get("id"), "profile.id"))}}
    if "profile_groups" in candidate:
        found["profile_groups"] = [_group(each) for each in _list(candidate["profile_groups"], "profile_groups")]
    return found | {"confidence": _number(candidate.get("confidence"))}


def _group(given: Any) -> dict[str, Any]:
    group = _object(given, "profile_groups")
    return group | {"id": str(uuid_of(group.get("id"), "profile_groups.id")), "color": group.get("color")}


def _named(given: Any) -> dict[str, Any]:
    data = _object(given, "identification_data")
    profile = {"id": str(uuid_of(data.get("profile_id"), "identification_data.profile_id"))}
    rest = {name: value for name, value in data.items() if name not in ("profile_id", "confidence")}
    return rest | {"profile": profile, "confidence": _number(data.get("confidence"))}


def _human(parents: Any) -> UUID | None:
    """The activity of an agent's event is its parent of the type human."""
    for parent in _list(parents, "parents"):
        if isinstance(parent, dict) and parent.get("type") == "human":
            return _maybe_uuid(parent.get("id"), "parents.id")
    return None


def _images(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(_maybe_uuid(given.get(name), name)) for name in _IMAGES}


def _links(event: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    pairs = [(image, event.get(link)) for image, link in zip(_images(event).values(), _LINKS, strict=True)]
    for candidate in candidates:
        profile = candidate["profile"]
        pairs.append((profile.get("main_sample_id"), profile.pop("sample_link", None)))
    return {image: link for image, link in pairs if image and isinstance(link, str) and link}


def _type(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ItemRefused("type is missing.")
    found = given.lower()
    if len(found) > LONGEST_TYPE or not _TYPE.fullmatch(found):
        raise ItemRefused("type is not a name: letters, digits and underscores, at most 60.")
    return found


def uuid_of(given: Any, name: str) -> UUID:
    """:raises ItemRefused: if it is missing or not written as a UUID"""
    if given is None or given == "":
        raise ItemRefused(f"{name} is missing.")
    if not isinstance(given, str) or not _UUID.fullmatch(given):
        raise ItemRefused(f"{name} is not a UUID.")
    return UUID(given)


def _maybe_uuid(given: Any, name: str) -> UUID | None:
    return None if given is None or given == "" else uuid_of(given, name)


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def moment_of(given: Any, name: str) -> datetime | None:
    """Return the moment in UTC; None if nothing is given. :raises ItemRefused: if it is not one"""
    if given is None or given == "":
        return None
    found = _MOMENT.fullmatch(given.strip()) if isinstance(given, str) else None
    try:
        if found:
            day, clock, fraction, zone = found.groups()
            offset = "+00:00" if zone in (None, "Z", "z") else zone
            text = f"{day}T{clock}.{(fraction or '')[:6].ljust(6, '0')}{offset}"
            moment = datetime.fromisoformat(text).astimezone(UTC)
            if 1 < moment.year < 9999:  # any time zone can show it
                return moment
    except (ValueError, OverflowError):
        pass
    raise ItemRefused(f"{name} is not a time such as 2024-06-01 12:00:00.250000+00:00.")


def _number(given: Any) -> float | None:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None


def _object(given: Any, name: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ItemRefused(f"{name} is not an object.")
    return given


def _list(given: Any, name: str) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise ItemRefused(f"{name} is not a list.")
    if len(given) > MAX_CANDIDATES:
        raise ItemRefused(f"{name} has {len(given)} entries; at most {MAX_CANDIDATES} are kept.")
    return given
