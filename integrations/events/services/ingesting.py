"""Recognition events, taken into the log once, as they were when they came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from integrations.core import safe_json
from integrations.core.inserting import insert_all
from integrations.core.wake import wake
from integrations.events import reading, snapshots
from integrations.events.models import DeletedProfile, Event, EventPolicy, Reason, Sighting
from integrations.events.models.log import RECOGNITION
from integrations.events.reading import Item, ItemRefused
from integrations.events.selectors.directory import directory_of
from integrations.events.services import picturing
from integrations.events.services.publishing import SEQUENCE_TASK

TRIES = 3
OTHER_BODY = "An event with this id is known, with another body; the first one stands."
PROFILE_DELETED = "Its profile was deleted."


@dataclass
class Ingested:
    """What came of a batch. `rejected` holds positions and reasons; `duplicates` were known as they are."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        rejected = [{"index": index, "reason": reason} for index, reason in sorted(self.rejected)]
        return {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": rejected}


def ingest(
    workspace_id: int,
    items: Sequence[Any],
    *,
    now: datetime,
    reason: str = Reason.LIVE,
    pictures_from: int | None = None,
) -> Ingested:
    """Take events into the log, each id once per workspace; all are committed with the caller's transaction.

    An item has the form that an agent hands over, or the one that a platform pushes. What is refused is left out and
    named; the rest is taken. Camera, candidates and their groups are kept as they are known now. `pictures_from`: the
    connection at whose platform the pictures of these events are, to be fetched.
    """
    refused = Ingested()
    wanted = list(_readable(items, refused))
    tries = 1 if connection.in_atomic_block else TRIES
    for number in range(1, tries + 1):
        try:
            result = replace(refused, rejected=list(refused.rejected))
            return _kept(workspace_id, wanted, result, now=now, reason=reason, pictures_from=pictures_from)
        except OperationalError:  # the same events in another order, at the same moment: a deadlock, undone as a whole
            if number == tries:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def _kept(
    workspace_id: int,
    wanted: Sequence[tuple[int, Item]],
    result: Ingested,
    *,
    now: datetime,
    reason: str,
    pictures_from: int | None,
) -> Ingested:
    fresh = list(_once(wanted, result))
    rows = _rows(workspace_id, [item for _, item in fresh], now=now, reason=reason)
    taken = insert_all(rows, key="uuid")
    _count(workspace_id, fresh, {row.uuid for row in taken}, result)
    if sightings := list(_sightings(taken)):
        Sighting.objects.bulk_create(sightings)
    if pictures_from and taken:
        links = {image: link for _, item in fresh for image, link in item.links.items()}
        picturing.want(workspace_id, taken, connection_id=pictures_from, links=links, now=now)
    if taken:
        wake(SEQUENCE_TASK)
    return result


def _readable(items: Iterable[Any], result: Ingested) -> Iterable[tuple[int, Item]]:
    for index, given in enumerate(items):
        try:
            yield index, reading.read(safe_json.storable(given))
        except ItemRefused as refused:
            result.rejected.append((index, str(refused)))


def _once(wanted: Sequence[tuple[int, Item]], result: Ingested) -> Iterable[tuple[int, Item]]:
    """Yield what is not twice in the batch; count the rest. What the log knows is found by inserting it."""
    seen: dict[UUID, str] = {}
    for index, item in wanted:
        if item.uuid in seen:
            _repeated(index, same=seen[item.uuid] == item.digest, result=result)
        else:
            seen[item.uuid] = item.digest
            yield index, item


def _count(workspace_id: int, fresh: Sequence[tuple[int, Item]], kept: set[UUID], result: Ingested) -> None:
    """Count what was inserted, and what the log knew already."""
    result.accepted += len(kept)
    repeated = [(index, item) for index, item in fresh if item.uuid not in kept]
    known = _digests(workspace_id, [item.uuid for _, item in repeated])
    for index, item in repeated:
        _repeated(index, same=known.get(item.uuid) == item.digest, result=result)


def _digests(workspace_id: int, uuids: Sequence[UUID]) -> dict[UUID, str]:
    if not uuids:
        return {}
    rows = Event.objects.filter(workspace_id=workspace_id, uuid__in=uuids)
    return dict(rows.values_list("uuid", "digest"))


def _repeated(index: int, *, same: bool, result: Ingested) -> None:
    if same:
        result.duplicates += 1
    else:
        result.rejected.append((index, OTHER_BODY))


def _rows(workspace_id: int, items: Sequence[Item], *, now: datetime, reason: str) -> list[Event]:
    if not items:
        return []
    directory = directory_of(workspace_id, items)
    rows = [_row(workspace_id, item, snapshots.payload_of(item, directory), now=now, reason=reason) for item in items]
    deleted = [row for row in rows if snapshots.is_deleted_person(row.payload)]
    if deleted and EventPolicy.of(workspace_id).deleted_profile == DeletedProfile.DROP:
        for row in deleted:
            row.withheld = PROFILE_DELETED
    return rows


def _row(workspace_id: int, item: Item, payload: Mapping[str, Any], *, now: datetime, reason: str) -> Event:
    agent_id = payload["camera"].get("agent_id")
    return Event(
        workspace_id=workspace_id,
        uuid=item.uuid,
        type=item.type,
        source_type=RECOGNITION,
        source_id=str(item.uuid),
        reason=reason,
        payload=payload,
        camera_id=item.camera_id,
        agent_id=UUID(str(agent_id)) if agent_id else None,
        activity_id=item.activity_id,
        digest=item.digest,
        occurred_at=item.date or now,
        created_at=now,
    )


def _sightings(events: Iterable[Event]) -> Iterable[Sighting]:
    for event in events:
        for profile_id in {each["profile"]["id"] for each in event.payload.get("candidates") or ()}:
            yield Sighting(event=event, workspace_id=event.workspace_id, profile_id=profile_id)
