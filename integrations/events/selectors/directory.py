"""What the directory knows of some items, in three queries however many they are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from integrations.events.models import Camera, Profile
from integrations.events.reading import Item
from integrations.events.snapshots import CAMERA, PROFILE, SIZE, Directory, KnownProfile


def directory_of(workspace_id: int, items: Sequence[Item]) -> Directory:
    named = {each["profile"]["id"] for item in items for each in item.candidates or ()}
    return Directory(
        cameras=_cameras(workspace_id, {item.camera_id for item in items}), profiles=_profiles(workspace_id, named)
    )


def _cameras(workspace_id: int, uuids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = Camera.objects.filter(workspace_id=workspace_id, uuid__in=uuids).values("uuid", *CAMERA, *SIZE)
    return {row.pop("uuid"): _plain(row) for row in rows}


def _profiles(workspace_id: int, uuids: set[str]) -> dict[str, KnownProfile]:
    if not uuids:
        return {}
    rows = Profile.objects.filter(workspace_id=workspace_id, uuid__in=uuids).prefetch_related("watchlists")
    return {str(row.uuid): _known(row) for row in rows}


def _known(row: Profile) -> KnownProfile:
    if row.deleted_at:
        return KnownProfile(values={}, groups=row.tombstone, deleted=True)
    return KnownProfile(values=_plain({name: getattr(row, name) or None for name in PROFILE}), groups=groups_of(row))


def groups_of(profile: Profile) -> list[dict[str, Any]]:
    """Return the profile's watchlists as events carry them."""
    return [{"id": str(each.uuid), "color": each.color or None} for each in profile.watchlists.all()]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}
