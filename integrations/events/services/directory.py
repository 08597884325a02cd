"""The directory, as a platform tells of it: put, or deleted. Safe to repeat."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from integrations.events.models import Agent, Camera, Profile, Watchlist
from integrations.events.selectors.directory import groups_of
from integrations.events.services import picturing

Known = TypeVar("Known", Agent, Camera, Profile, Watchlist)


def put_agent(workspace_id: int, uuid: UUID, *, now: datetime, **values: Any) -> Agent:
    return _put(Agent, workspace_id, uuid, values, now=now)


def put_camera(workspace_id: int, uuid: UUID, *, now: datetime, **values: Any) -> Camera:
    """Store what is given of a camera: title, type, stream, real_name, width, height, agent_id."""
    return _put(Camera, workspace_id, uuid, values, now=now)


def put_watchlist(workspace_id: int, uuid: UUID, *, now: datetime, **values: Any) -> Watchlist:
    """Store what is given of a watchlist: title, color."""
    return _put(Watchlist, workspace_id, uuid, values, now=now)


@transaction.atomic
def put_profile(
    workspace_id: int, uuid: UUID, *, now: datetime, watchlists: Collection[UUID] | None = None, **values: Any
) -> Profile:
    """Store what is given of a profile, and exactly these watchlists; those that are not known are made.

    A profile that was deleted and is told of again lives again.
    """
    profile = _put(Profile, workspace_id, uuid, values | {"deleted_at": None, "tombstone": []}, now=now)
    if watchlists is not None:
        profile.watchlists.set([put_watchlist(workspace_id, each, now=now) for each in sorted(set(watchlists))])
    return profile


@transaction.atomic
def delete_profile(workspace_id: int, uuid: UUID, *, now: datetime, erase: bool = False) -> bool:
    """Delete a profile. For a day its id and groups stay, for events that still name it.

    `erase`: nothing stays of it, nor of the pictures that it, or an event of the log that names it, has here.
    """
    rows = Profile.objects.filter(workspace_id=workspace_id, uuid=uuid)
    profile = rows.select_for_update().first()
    if profile is None or (profile.deleted_at and not erase):
        return False
    if erase:
        own = (profile.avatar_id, profile.main_sample_id)
        picturing.erase(picturing.of_profile(workspace_id, uuid, also=own))
        profile.delete()
        return True
    profile.tombstone = groups_of(profile)
    bare = {"title": "", "age": None, "gender": "", "avatar_id": None, "main_sample_id": None, "deleted_at": now}
    for name, value in bare.items():
        setattr(profile, name, value)
    profile.save()
    profile.watchlists.clear()
    return True


def delete_camera(workspace_id: int, uuid: UUID) -> bool:
    """Take a camera out. Its id stays in the filters that name it: an empty list would mean every camera."""
    return _delete(Camera, workspace_id, uuid)


def delete_agent(workspace_id: int, uuid: UUID) -> bool:
    return _delete(Agent, workspace_id, uuid)


def delete_watchlist(workspace_id: int, uuid: UUID) -> bool:
    return _delete(Watchlist, workspace_id, uuid)


def names_of(kind: type[Known], workspace_id: int, ids: Sequence[str]) -> Mapping[str, str]:
    """Return what the known ones of these ids are called; the others are missing."""
    rows = kind._default_manager.filter(workspace_id=workspace_id, uuid__in=ids)
    return {str(row.uuid): str(row) for row in rows}


def _put(kind: type[Known], workspace_id: int, uuid: UUID, values: Mapping[str, Any], *, now: datetime) -> Known:
    told: dict[str, Any] = {**values, "changed_at": now}
    return kind._default_manager.update_or_create(workspace_id=workspace_id, uuid=uuid, defaults=told)[0]


def _delete(kind: type[Known], workspace_id: int, uuid: UUID) -> bool:
    return bool(kind._default_manager.filter(workspace_id=workspace_id, uuid=uuid).delete()[0])
