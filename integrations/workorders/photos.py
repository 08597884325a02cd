"""Photos: decoded safely, kept once, following their source to its order."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.core import files, images
from integrations.core.ids import random_token
from integrations.core.statements import Reading
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.workorders.links import photo_link
from integrations.workorders.models import Join, Photo, WorkOrder
from integrations.workorders.naming import records_of
from integrations.workorders.values import keepable

STORED = "photo.stored"
FULL, SMALL = "photos", "thumbnails"
ELSEWHERE = Reading(
    Photo,
    "WHERE source_type = %s AND source_id = %s AND (work_order_id IS NULL OR work_order_id <> %s) ORDER BY id",
)

__all__ = ["Stored", "content_of", "follow", "keep", "link", "remove", "store"]

link = photo_link


@dataclass(frozen=True)
class Stored:
    """A picture whose files are kept since `at`, and that no row names yet."""

    image: images.CleanImage = field(repr=False)
    at: datetime
    file: str
    thumbnail: str


def store(image: images.CleanImage) -> Stored:
    """Write the files of a picture, each under a name of its own in the folder of the day. Never in a transaction.

    No file that a row may name is touched. What a crash leaves behind is found by its day (`strays`).
    :raises StorageFailed:
    """
    at = timezone.now()
    name = f"{at.astimezone(UTC):%Y-%m-%d}/{random_token(24)}.{image.extension}"
    return Stored(image, at, *files.save_all({f"{FULL}/{name}": image.content, f"{SMALL}/{name}": image.thumbnail}))


def keep(
    *,
    workspace_id: int,
    work_order_id: int | None,
    source_type: str,
    source_id: str,
    label: str,
    taken_at: datetime | None,
    data: bytes,
    external_id: str = "",
    stored: Stored | None = None,
) -> Photo:
    """Clean and store a picture, join it to the order of its source and publish it; a repeated call returns the same.

    `external_id` names it within its source (empty: its content does). `stored`: what `store(images.clean(data))` gave,
    for a caller who is in a transaction by now.
    :raises PermanentError: if the bytes are not a picture that can be decoded safely :raises StorageFailed:
    """
    named = external_id or hashlib.sha256(data).hexdigest()
    source = {"source_type": source_type, "source_id": source_id, "external_id": named}
    if known := Photo.objects.filter(**source).first():
        return known
    kept = stored or store(images.clean(data))
    photo = Photo(
        **source,
        workspace_id=workspace_id,
        work_order_id=work_order_id,
        label=keepable(label)[:300],
        taken_at=taken_at,
        file=kept.file,
        thumbnail=kept.thumbnail,
        content_type=kept.image.content_type,
        sha256=hashlib.sha256(kept.image.content).hexdigest(),
        bytes=len(kept.image.content),
        width=kept.image.width,
        height=kept.image.height,
        metadata=kept.image.metadata,
        created_at=kept.at,
    )
    return _insert(photo)


def _insert(photo: Photo) -> Photo:
    try:
        with transaction.atomic():
            # Locked, so that an operator who assigns the source at this moment finds the photo, or we the order.
            joins = Join.objects.filter(source_type=photo.source_type, source_id=photo.source_id)
            if join := joins.select_for_update().first():
                photo.work_order_id = join.work_order_id
            photo.save(force_insert=True)
            _publish(photo)
    except IntegrityError:
        known = Photo.objects.get(
            source_type=photo.source_type, source_id=photo.source_id, external_id=photo.external_id
        )
        files.discard(_files_of(photo))
        return known
    return photo


def follow(join: Join, *, order: WorkOrder, reason: str = Reason.LIVE) -> int:
    """Move the photos of a source to the order that it was joined to, and publish them; return how many."""
    photos = ELSEWHERE.rows(join.source_type, join.source_id, order.pk)
    for photo in photos:
        photo.work_order = order
        photo.save(update_fields=["work_order"])
        _publish(photo, reason=reason)
    return len(photos)


def _publish(photo: Photo, *, reason: str = Reason.LIVE) -> None:
    order = photo.work_order
    events.publish(
        workspace_id=cast(int, photo.workspace_id),  # the stubs take a default for "may be null"
        type=STORED,
        occurred_at=photo.taken_at or photo.created_at,
        payload={"records": records_of(order) if order else {}, "work_order": photo.work_order_id},
        source_type="photo",
        source_id=str(photo.pk),
        subject=order.subject if order else "",
        reason=reason,
    )


def content_of(photo: Photo, *, small: bool = False) -> bytes:
    """Return the bytes of the kept file. :raises FileNotFoundError: if the storage lost it :raises StorageFailed:"""
    return files.read(str((photo.thumbnail if small and photo.thumbnail else photo.file).name))


def remove(photo: Photo) -> None:
    """Delete a photo with its files; the row first, so that none ever points to nothing. :raises StorageFailed:"""
    photo.delete()
    for name in _files_of(photo):
        files.delete(name)


def _files_of(photo: Photo) -> list[str]:
    return [str(field.name) for field in (photo.file, photo.thumbnail) if field]
