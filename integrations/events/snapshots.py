"""What is kept of a recognition event: camera, candidates and their groups as they are known now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from integrations.events.reading import Item

CAMERA = ("type", "title", "stream", "real_name", "agent_id")
SIZE = ("width", "height")
PROFILE = ("age", "gender", "avatar_id", "main_sample_id")


@dataclass(frozen=True)
class KnownProfile:
    """A profile of the directory. Of a deleted one only the groups are left."""

    values: Mapping[str, Any]
    groups: Sequence[Mapping[str, Any]]
    deleted: bool = False


@dataclass(frozen=True)
class Directory:
    """What the directory knows of the cameras and profiles that some items name."""

    cameras: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    profiles: Mapping[str, KnownProfile] = field(default_factory=dict)


def payload_of(item: Item, directory: Directory) -> dict[str, Any]:
    """Return what the event keeps. What was given with it stands; the directory adds what is missing."""
    kept: dict[str, Any] = {
        "activity_id": str(item.activity_id) if item.activity_id else None,
        "camera": _camera(item, directory.cameras.get(item.camera_id, {})),
        "event": dict(item.event),
        **item.extra,
    }
    if item.candidates is not None:
        kept["candidates"] = [_candidate(each, directory) for each in item.candidates]
    return kept


def is_deleted_person(payload: Mapping[str, Any]) -> bool:
    """Say whether the event names profiles, and all of them are deleted."""
    candidates = payload.get("candidates") or ()
    return bool(candidates) and all(each.get("deleted") for each in candidates)


def _camera(item: Item, known: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in item.camera.items() if value is not None}
    camera = {"id": str(item.camera_id)} | dict.fromkeys(CAMERA)
    return camera | {name: value for name, value in known.items() if value not in (None, "")} | given


def _candidate(given: Mapping[str, Any], directory: Directory) -> dict[str, Any]:
    profile = given["profile"]
    known = directory.profiles.get(profile["id"])
    if known and known.deleted:
        bare = {"id": profile["id"]} | dict.fromkeys(PROFILE)
        return {**given, "profile": bare, "profile_groups": list(known.groups), "deleted": True}
    values = known.values if known else {}
    own = {name: value for name, value in profile.items() if value is not None}
    groups = given.get("profile_groups", list(known.groups) if known else [])
    return {**given, "profile": dict.fromkeys(PROFILE) | dict(values) | own, "profile_groups": groups}
