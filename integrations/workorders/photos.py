"""Photos: decoded safely, kept once, following their source to its order."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from integrations.core import images
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

__all__ = ["content_of", "follow", "keep", "link", "remove", "save_durably"]

link = photo_link


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
    cleaned: images.CleanImage | None = None,
) -> Photo:
    """Clean and store a picture, join it to the order of its source and publish it; a repeated call returns the same.

    `external_id` names it within its source (empty: its content does). `cleaned`: what `images.clean(data)` gave, for a
    caller who is in a transaction by now and has decoded before it.
    :raises PermanentError: if the bytes are not a picture that can be decoded safely
    """
    named = external_id or hashlib.sha256(data).hexdigest()
    source = {"source_type": source_type, "source_id": source_id, "external_id": named}
    if known := Photo.objects.filter(**source).first():
        return known
    image = cleaned or images.clean(data)
    photo = Photo(
        **source,
        workspace_id=workspace_id,
        work_order_id=work_order_id,
        label=keepable(label)[:300],
        taken_at=taken_at,
        content_type=image.content_type,
        sha256=hashlib.sha256(image.content).hexdigest(),
        bytes=len(image.content),
        width=image.width,
        height=image.height,
        metadata=image.metadata,
    )
    _store(photo, image)
    return _insert(photo)


def _store(photo: Photo, image: images.CleanImage) -> None:
    """Write the files before the row, each under a name of its own in the folder of the photo's day.

    No file that a row may name is touched. What a crash leaves behind is found by its day (`strays`).
    """
    name = f"{photo.created_at.astimezone(UTC):%Y-%m-%d}/{random_token(24)}.{image.extension}"
    for field, folder, content in (("file", FULL, image.content), ("thumbnail", SMALL, image.thumbnail)):
        setattr(photo, field, save_durably(f"{folder}/{name}", content))


def save_durably(name: str, content: bytes) -> str:
    """Store a file and, on a disk of ours, wait until it is there for good: the row that names it is durable too."""
    saved: str = default_storage.save(name, ContentFile(content))
    try:
        path = Path(default_storage.path(saved))
    except NotImplementedError:  # not a disk: what it has taken is safe
        return saved
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return saved


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
        _delete_files(photo)
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
    """Return the bytes of the kept file. :raises FileNotFoundError: if the storage lost it"""
    file = photo.thumbnail if small and photo.thumbnail else photo.file
    with default_storage.open(str(file.name)) as opened:
        content: bytes = opened.read()
        return content


def remove(photo: Photo) -> None:
    """Delete a photo with its files; the row goes first, so that no row ever points to nothing."""
    photo.delete()
    _delete_files(photo)


def _delete_files(photo: Photo) -> None:
    for field in (photo.file, photo.thumbnail):
        if field:
            default_storage.delete(str(field.name))
