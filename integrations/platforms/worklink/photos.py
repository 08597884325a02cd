"""Photos fetched before their links expire: one row each, tried again with a fresh link when the old one is refused."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock, images
from integrations.core.errors import (
    AuthFailed,
    Forbidden,
    NotFound,
    OutboundOff,
    Paused,
    PermanentError,
    TransientError,
)
from integrations.core.http import OutboundClient
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.platforms.worklink import probing
from integrations.platforms.worklink.calls.facts import pictures_of as pictures_of_call
from integrations.platforms.worklink.kinds import Kind, Row
from integrations.platforms.worklink.models import PhotoDownload
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.pictures import Picture
from integrations.platforms.worklink.sessions.facts import pictures_of_event
from integrations.workorders import photos as kept_photos
from integrations.workorders.models import Photo

logger = logging.getLogger(__name__)

TASK = "worklink.download"
TRIED_FOR = timedelta(hours=72)
PAUSED_FOR = timedelta(seconds=30)


def of(kind: Kind[Row], row: Row) -> QuerySet[PhotoDownload]:
    return PhotoDownload.objects.filter(**{kind.noun: row})


def want(kind: Kind[Row], row: Row, pictures: Sequence[Picture]) -> None:
    """Make a row for each photo that has none yet, and give the fresh link to those still to be fetched."""
    if not pictures:
        return
    now, fresh = clock.now(), {picture.id: picture for picture in pictures}
    known = of(kind, row)
    open_rows = known.exclude(state=WorkState.DONE).in_bulk()
    for download in open_rows.values():
        if picture := fresh.get(download.event_id):
            download.url, download.link_read_at = picture.url, now
    PhotoDownload.objects.bulk_update(open_rows.values(), ["url", "link_read_at"])
    PhotoDownload.objects.filter(pk__in=open_rows, refetched=True).rerun(now=now, refetched=False)
    missing = fresh.keys() - set(known.values_list("event_id", flat=True))
    new = [_new(kind, row, picture) for picture in pictures if picture.id in missing]
    PhotoDownload.objects.bulk_create(new, ignore_conflicts=True)
    wake(TASK)


def _new(kind: Kind[Row], row: Row, picture: Picture) -> PhotoDownload:
    facts = {"event_id": picture.id, "label": picture.label, "taken_at": picture.taken_at, "url": picture.url}
    return PhotoDownload(**{kind.noun: row}, subject=row.subject, **facts)


def download(claim: Claim) -> None:
    """Fetch one photo and hand it over to be kept. Safe to repeat: a photo is kept once."""
    row: PhotoDownload = claim.row
    with correlated(row.correlation_id):
        try:
            data = _fetch(row, claim)
            photo = _keep(row, data)
        except Exception as error:  # the edge of a job: one photo must not stop the others
            _not_fetched(claim, error)
        else:
            PhotoDownload.objects.finish(claim, state=WorkState.DONE, note="", subject=photo_subject(photo))


def photo_subject(photo: Photo) -> str:
    return photo.work_order.subject if photo.work_order else ""


def _fetch(row: PhotoDownload, claim: Claim) -> bytes:
    connection = row.parent.connection
    http = open_client(connection, claim=claim, allow_hosts=options_of(connection).file_hosts)
    http.max_bytes = images.MAX_BYTES
    try:
        return http.request("GET", row.url).content
    except (Forbidden, NotFound):
        url = _fresh_link(row, connection, http)
    # Once only: a fresh link that is refused too will not get better (E19).
    PhotoDownload.objects.held(claim).update(url=url, refetched=True)
    return http.request("GET", url).content


def _fresh_link(row: PhotoDownload, connection: Connection, http: OutboundClient) -> str:
    client = probing.client_of(connection, http)
    if row.call_id:
        document = client.read("CallSession", row.parent.resource_id).document
        found = pictures_of_call(document)
    else:
        found = pictures_of_event(client.picture_links(row.event_id.partition("/")[0]))
    for picture in found:
        if picture.id == row.event_id:
            return picture.url
    raise NotFound("The photo's link has expired, and WorkLink no longer names the photo.")


def _keep(row: PhotoDownload, data: bytes) -> Photo:
    return kept_photos.keep(
        workspace_id=cast(int, row.parent.connection.workspace_id),
        work_order_id=None,  # the order of its source, as it is when the photo is kept
        source_type=row.source_type,
        source_id=str(row.parent.pk),
        external_id=row.event_id,
        label=row.label,
        taken_at=row.taken_at,
        data=data,
    )


def _not_fetched(claim: Claim, error: Exception) -> None:
    now, rows = clock.now(), PhotoDownload.objects.all()
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    if isinstance(error, Paused | OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError | AuthFailed) and not _tried_for_long(claim, now=now):
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=retry_after)
        rows.retry(claim, due_at=due_at, note=str(error))
        wake(TASK, countdown=(due_at - now).total_seconds())
    else:
        if not isinstance(error, PermanentError | TransientError):
            logger.error("photo %s could not be kept", claim.pk, exc_info=error)
        rows.finish(claim, state=WorkState.FAILED, note=f"{error} Replay the session to get a fresh link.")


def _tried_for_long(claim: Claim, *, now: datetime) -> bool:
    return expired(since=claim.row.retry_since, now=now, longest=TRIED_FOR)
