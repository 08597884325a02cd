"""Pictures of recognition events: wanted when an event names them, gone when retention says so."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from integrations.core import clock, files
from integrations.core.inserting import insert_all
from integrations.core.wake import wake
from integrations.core.work import ENDED_STATES, WorkState
from integrations.events.models import PICTURE_TASK, Event, Picture
from integrations.events.omni_wire import images_of

# A sample is named by each event of its person: the row is written once an hour at most.
NAMED_EVERY = timedelta(hours=1)
LONGEST_QUERY = 2000
EXPIRED = "Its time is over (retention), and its file was deleted."


def want(
    workspace_id: int, events: Sequence[Event], *, connection_id: int, links: Mapping[str, str], now: datetime
) -> None:
    """Make a row for each picture that new events name, in the caller's transaction; a worker fetches them after it.

    `links`: where the platform said that pictures are, by id. A picture that is known is kept for longer; one that was
    not to be had, or has gone since, is fetched (again).
    """
    named = {image: path for event in events for image, path in images_of(event.payload).items()}
    # In one order for all, so that two batches that name the same samples do not wait for each other.
    rows = [
        Picture(
            workspace_id=workspace_id,
            connection_id=connection_id,
            image_id=UUID(image),
            address=address_of(image, named[image], link=links.get(image, "")),
            named_at=now,
        )
        for image in sorted(named)
    ]
    new = {row.image_id for row in insert_all(rows, key="image_id")}
    if known := {row.image_id: row for row in rows if row.image_id not in new}:
        _named_again(known, workspace_id=workspace_id, now=now)
    if rows:
        wake(PICTURE_TASK)


def _named_again(named: Mapping[UUID, Picture], *, workspace_id: int, now: datetime) -> None:
    rows = Picture.objects.filter(workspace_id=workspace_id, image_id__in=named)
    for pk, image_id in rows.filter(file="", state__in=ENDED_STATES).values_list("pk", "image_id"):
        fresh = named[image_id]
        values = {"connection_id": fresh.connection_id, "address": fresh.address, "expired_at": None}
        Picture.objects.filter(pk=pk, file="").rerun(now=now, **values)
    rows.filter(named_at__lt=now - NAMED_EVERY).update(named_at=now)


def address_of(image: str, path: str, *, link: str) -> str:
    """Return what to ask the platform for: where it always has such pictures, with the query of its link (a signature).

    Nothing else of a link is taken. It came with the event, and must lead to no other host and to no other thing.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return f"{path}/{image}"
    leads = re.search(rf"(?:^|/)({re.escape(path)}/{image})$", parts.path, re.IGNORECASE)
    signed = leads and 0 < len(parts.query) <= LONGEST_QUERY
    return f"{path}/{image}?{parts.query}" if signed else f"{path}/{image}"


def of_profile(workspace_id: int, profile: UUID, *, also: Iterable[UUID | None] = ()) -> list[Picture]:
    """Return the pictures of a person: `also`, and those of every event of the log that names the profile."""
    named = Event.objects.filter(workspace_id=workspace_id).annotate(text=Cast("payload", TextField()))
    payloads = named.filter(text__icontains=str(profile)).values_list("payload", flat=True)
    images = {UUID(image) for payload in payloads.iterator(chunk_size=200) for image in images_of(payload)}
    wanted = images | {image for image in also if image}
    rows = Picture.objects.filter(workspace_id=workspace_id, image_id__in=wanted)
    return list(rows.select_for_update())


def erase(pictures: Iterable[Picture]) -> None:
    """Delete pictures for good: the rows in the caller's transaction, their files after it.

    What a fetch that is at work stores then is named by no row, and goes with the daily sweep; so does a file that
    cannot be deleted now.
    """
    rows = list(pictures)
    names = [str(row.file.name) for row in rows if row.file]
    Picture.objects.filter(pk__in=[row.pk for row in rows]).delete()
    transaction.on_commit(lambda: files.discard(names))


def expire(pictures: Iterable[Picture]) -> int:
    """Delete the files of pictures; the rows stay, so that their links can say so. :raises StorageFailed:

    The row first, so that none ever names a file that is gone. What is being fetched is left alone.
    """
    gone = 0
    for row in pictures:
        name, now = str(row.file.name or ""), clock.now()
        values = {"state": WorkState.SKIPPED, "note": EXPIRED, "file": "", "expired_at": now, "finished_at": now}
        rows = Picture.objects.filter(pk=row.pk, file=name).exclude(state=WorkState.RUNNING)
        if not rows.update(**values):
            continue
        gone += 1
        if name:
            files.delete(name)
    return gone
