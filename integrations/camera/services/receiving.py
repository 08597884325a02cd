"""A photo that is here becomes an input with its analysis to come; all of it in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.timezone import is_aware

from integrations.camera.models import (
    ANALYSE_TASK,
    ORDER_SOURCE,
    Analysis,
    AnalysisRun,
    FieldOrder,
    Input,
    Upload,
    Visit,
    WorkItem,
)
from integrations.camera.services import orders, telling
from integrations.connections import times
from integrations.core import files
from integrations.core.ids import random_token
from integrations.core.images import CleanImage
from integrations.core.wake import wake
from integrations.workorders import photos

DOCUMENTS = "documents"
# A device's clock may be wrong; a photo from the gallery may be old.
OLDEST, YOUNGEST = timedelta(days=3650), timedelta(days=1)


@dataclass(frozen=True)
class Content:
    """What was sent, checked: SHA-256 and size of the bytes as they came, and the decoded picture or the PDF."""

    sha256: str
    size: int
    content_type: str
    image: CleanImage | None = field(default=None, repr=False)
    document: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Kept:
    """The files of a content, which no row names yet."""

    document: str
    picture: photos.Stored | None


def receive(
    item: WorkItem,
    *,
    uuid: UUID,
    key: str,
    content: Content,
    visit: Visit | None,
    taken_at: datetime | None,
    now: datetime,
    metadata: Mapping[str, Any] | None = None,
    analyse: bool = True,
    kept: Kept | None = None,
) -> Input:
    """Make the input with this `uuid`, once; the analysis begins after the commit, unless the caller has its verdict.

    `key` is the device's own, "" if it has none. An upload of the same key is over with it. `metadata`: a program's.
    `kept`: what `keep_files` gave, for a caller who is in a transaction by now.
    :raises StorageFailed:
    """
    kept = kept or keep_files(content, now=now)
    with transaction.atomic():
        order = orders.lock(item.order_id)
        if known := Input.objects.filter(Q(uuid=uuid) | Q(item=item, client_key=key) & ~Q(client_key="")).first():
            return known
        made = _insert(item, order, uuid=uuid, key=key, content=content, document=kept.document, visit=visit, now=now)
        made.taken_at = _plausible(taken_at, content, order=order, now=now)
        made.metadata = dict(metadata or {})
        _keep_picture(made, order, kept.picture)
        made.save(update_fields=["photo_id", "taken_at", "metadata"])
        if analyse:
            start_analysis(made, order, now=now)
        if key:
            Upload.objects.filter(item=item, key=key).delete()
        if visit:
            Visit.objects.filter(pk=visit.pk).update(photos=F("photos") + 1, seen_at=now)
        told = {"input": str(made.uuid), "number": made.number, "content_type": made.content_type}
        telling.tell_of_item(made.item, telling.RECEIVED, told=told, occurred_at=now)
    return made


def keep_files(content: Content, *, now: datetime) -> Kept:
    """Store the picture, or the PDF in the folder of its day; what comes to no row is swept.

    Before any transaction, which a storage elsewhere would hold up.
    :raises StorageFailed:
    """
    picture = photos.store(content.image) if content.image else None
    if not content.document:
        return Kept("", picture)
    name = f"{DOCUMENTS}/{now.astimezone(UTC):%Y-%m-%d}/{random_token(24)}.pdf"
    return Kept(files.save(name, content.document), picture)


def _insert(
    item: WorkItem,
    order: FieldOrder,
    *,
    uuid: UUID,
    key: str,
    content: Content,
    document: str,
    visit: Visit | None,
    now: datetime,
) -> Input:
    item.order = order
    last = Input.objects.filter(item=item).aggregate(last=Max("number"))["last"] or 0
    WorkItem.objects.filter(pk=item.pk).update(changed_at=now)
    FieldOrder.objects.filter(pk=order.pk).update(changed_at=now)
    return Input.objects.create(
        item=item,
        uuid=uuid,
        visit=visit,
        number=last + 1,
        client_key=key,
        content_type=content.content_type,
        sha256=content.sha256,
        bytes=content.size,
        document=document,
        created_at=now,
    )


def _keep_picture(made: Input, order: FieldOrder, picture: photos.Stored | None) -> None:
    if picture is None:
        return
    photo = photos.keep(
        workspace_id=cast(int, order.site.workspace_id),  # the stubs take a default for "may be null"
        work_order_id=telling.work_order_of(order.subject),
        source_type=ORDER_SOURCE,
        source_id=str(order.pk),
        external_id=str(made.uuid),
        label=made.item.group.text("display_name", "en") or made.item.group.name,
        taken_at=made.taken_at,
        data=b"",
        stored=picture,
    )
    made.photo_id = photo.pk


def start_analysis(made: Input, order: FieldOrder, *, now: datetime) -> Analysis:
    """Let an input be analysed (again)."""
    analysis = Analysis.objects.create(input=made, engine=made.item.group.engine, created_at=now)
    AnalysisRun.objects.create(analysis=analysis, subject=order.subject, due_at=now)
    wake(ANALYSE_TASK)
    return analysis


def _plausible(said: datetime | None, content: Content, *, order: FieldOrder, now: datetime) -> datetime | None:
    """Return when the photo was taken, as the device or the photo says, if that can be."""
    at = said or (_of_exif(content.image, zone=order.site.connection.time_zone) if content.image else None)
    if at is None or not is_aware(at) or not now - OLDEST < at < now + YOUNGEST:
        return None
    return at.astimezone(UTC)


def _of_exif(image: CleanImage, *, zone: str) -> datetime | None:
    """Read Exif's time, `2026:03:01 12:00:00`, which rarely has an offset."""
    date, _, clock = str(image.metadata.get("taken_at", "")).partition(" ")
    try:
        return times.parse(f"{date.replace(':', '-')}T{clock}{image.metadata.get('taken_at_offset', '')}", zone=zone)
    except ValueError:
        return None
