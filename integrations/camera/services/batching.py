"""Batches: received piece by piece as a resumable upload, then taken in, each photo once (vendor sheet, 4.9)."""

import re
import time
import zipfile
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid5

from django.db import transaction

from integrations.camera import disk
from integrations.camera.models import BATCH_TASK, ApiKey, Batch, BatchRun, BatchState, FieldOrder, TaskGroup
from integrations.camera.protocol.errors import ArrivalRefused
from integrations.camera.services import archives, changing, orders, pieces, submitting
from integrations.camera.services.refusals import Malformed, NotHere, NotNow, Refusal
from integrations.camera.services.uploading import AnotherUpload, DiskFull, TooLarge, WrongOffset
from integrations.core import clock, safe_json
from integrations.core.errors import PermanentError
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState

MOST_BYTES = 2 * 1024**3
STEP = 4 * 1024 * 1024
# Longer at a time would keep a worker from what people wait for.
SLICE_SECONDS = 5.0
LATER = timedelta(seconds=60)
ANY_NAME = re.compile(r"[^\x00-\x1f/]{1,128}")


class Readable(Protocol):
    """The body of a request."""

    def read(self, size: int, /) -> bytes: ...


def create(key: ApiKey, *, filename: str, now: datetime) -> Batch:
    return Batch.objects.create(key=key, filename=filename, created_at=now, changed_at=now)


def find(key: ApiKey, uuid: UUID) -> Batch:
    """:raises NotHere: also for batches of other sites"""
    found = Batch.objects.filter(key__site=key.site_id, uuid=uuid).first()
    if found is None:
        raise NotHere
    return found


def delete(batch: Batch) -> None:
    """Forget a batch and stop taking it in; the orders that were made stay."""
    Batch.objects.filter(pk=batch.pk).delete()
    pieces.remove(batch.path)


def take(batch: Batch, body: Readable, *, offset: int, length: int, total: int, now: datetime) -> Batch:
    """Keep `length` bytes from `offset` on; what came before a connection broke is kept too.

    :raises TooLarge: :raises AnotherUpload: for another size :raises WrongOffset: beyond what is here :raises DiskFull:
    """
    if total > MOST_BYTES or not total > 0 or length < 0 or offset + length > total:
        raise TooLarge(f"A batch has 1 to {MOST_BYTES} bytes, and a piece of it ends where it ends.")
    Batch.objects.filter(pk=batch.pk, size__isnull=True).update(size=total)
    batch.refresh_from_db()
    if batch.size != total:
        raise AnotherUpload(f"This batch was announced with {batch.size} bytes; make another for another file.")
    if offset > batch.received:
        raise WrongOffset(batch.received)
    try:
        _write(batch, body, skip=batch.received - offset, length=length, now=now)
    except OSError as error:
        if disk.is_full(error):
            raise DiskFull from error
        raise
    if batch.state == BatchState.UPLOADING and batch.received == batch.size:
        _begin(batch, now=now)
    return batch


def _write(batch: Batch, body: Readable, *, skip: int, length: int, now: datetime) -> None:
    left = length
    while left > 0 and batch.state == BatchState.UPLOADING:
        data = body.read(min(STEP, left))
        if not data:
            return
        left -= len(data)
        fresh, skip = data[skip:], max(0, skip - len(data))
        if not fresh:
            continue
        if disk.problem():
            raise DiskFull
        try:
            pieces.write(batch.path, offset=batch.received, data=fresh)
        except pieces.PiecesLost:
            Batch.objects.filter(pk=batch.pk).update(received=0)
            raise WrongOffset(0) from None
        end = batch.received + len(fresh)
        if not Batch.objects.filter(pk=batch.pk, received=batch.received).update(received=end, changed_at=now):
            batch.refresh_from_db()
            raise WrongOffset(batch.received)  # another request brings the same
        batch.received = end


@transaction.atomic
def _begin(batch: Batch, *, now: datetime) -> None:
    """All is here: it is work now, once."""
    begun = Batch.objects.filter(pk=batch.pk, state=BatchState.UPLOADING).update(state=BatchState.PROCESSING)
    batch.state = BatchState.PROCESSING
    if begun:
        BatchRun.objects.create(batch=batch, due_at=now)
        wake(BATCH_TASK)


def process(claim: Claim) -> None:
    """Take in photos for some seconds, then let others work; safe to repeat at every photo. :raises LeaseLost:"""
    batch = Batch.objects.select_related("key__site__connection", "key__site__active_version").get(
        pk=claim.row.batch_id
    )
    site = batch.key.site
    names = set(TaskGroup.objects.filter(version=site.active_version).values_list("name", flat=True))
    try:
        folders = archives.read(
            pieces.path_of(batch.path), groups=names, name=changing.STRICT if site.strict_names else ANY_NAME
        )
        with zipfile.ZipFile(pieces.path_of(batch.path)) as archive:
            ended = _take_slice(claim, batch, archive, folders)
    except NotNow as error:
        BatchRun.objects.all().retry(claim, due_at=clock.now() + LATER, note=str(error))
        return
    except (archives.ArchiveRefused, FileNotFoundError) as error:
        problems = getattr(error, "problems", ["The file is gone from the disk. Send it again as another batch."])
        _end(claim, batch, BatchState.FAILED, problems)
        return
    if ended:
        _end(claim, batch, BatchState.DONE, batch.problems)
    else:
        note = f"{batch.taken} of {batch.photos} photos"
        BatchRun.objects.all().put_back(claim, due_at=clock.now(), note=note)
        wake(BATCH_TASK)


def fail(claim: Claim, note: str) -> None:
    """End a batch that cannot be taken in. :raises LeaseLost:"""
    batch = Batch.objects.get(pk=claim.row.batch_id)
    _end(claim, batch, BatchState.FAILED, [*batch.problems, note])


def _take_slice(claim: Claim, batch: Batch, archive: zipfile.ZipFile, folders: list[archives.Folder]) -> bool:
    """Return whether all is taken."""
    ends, wanted = time.monotonic() + SLICE_SECONDS, [(each, entry) for each in folders for entry in each.entries]
    batch.photos = len(wanted)
    for folder, entry in wanted[batch.taken :]:
        claim.renew(now=clock.now())
        try:
            _take_entry(batch, archive, folder, entry)
        except NotNow:
            raise
        except (Refusal, ArrivalRefused, PermanentError) as error:
            batch.problems = [*batch.problems, f"{entry.file}: {error}"[:500]][: archives.MOST_ENTRIES]
        batch.taken += 1
        _note(batch)
        if time.monotonic() > ends:
            break
    return batch.taken >= len(wanted)


def _take_entry(batch: Batch, archive: zipfile.ZipFile, folder: archives.Folder, entry: archives.Entry) -> None:
    order = _order(batch, archive, folder)
    group = orders.find_group(order, entry.group)
    data = archives.content(archive, entry.file)
    submitting.submit(order, group, data, uuid=uuid5(batch.uuid, f"photo {entry.file}"), now=clock.now())


def _order(batch: Batch, archive: zipfile.ZipFile, folder: archives.Folder) -> FieldOrder:
    """Return the order of a folder, made once: its id follows from the batch and the folder's name."""
    uuid = uuid5(batch.uuid, f"order {folder.name}")
    if known := FieldOrder.objects.filter(uuid=uuid).select_related("site", "version").first():
        if known.deleted_at is not None:
            raise NotHere("Its work order was deleted.")
    else:
        metadata = _metadata(archive, folder)
        known = changing.create(batch.key, {"name": folder.name, "metadata": metadata, "uuid": uuid}, now=clock.now())
    made = {"name": folder.name, "id": str(uuid)}
    if made not in batch.orders[-1:]:
        batch.orders = [*batch.orders, made]
    return known


def _metadata(archive: zipfile.ZipFile, folder: archives.Folder) -> object:
    if not folder.metadata:
        return {}
    try:
        return safe_json.parse(archives.content(archive, folder.metadata, most=archives.MOST_OF_METADATA))
    except safe_json.UnreadableJSON as error:
        raise Malformed(f"Its metadata.json cannot be read. {error}") from None


def _note(batch: Batch) -> None:
    kept = {"taken": batch.taken, "photos": batch.photos, "orders": batch.orders, "problems": batch.problems}
    if not Batch.objects.filter(pk=batch.pk).update(**kept, changed_at=clock.now()):
        raise LeaseLost  # it was deleted meanwhile


def _end(claim: Claim, batch: Batch, state: BatchState, problems: list[str]) -> None:
    """Note how it ended, then let go of the file."""
    with transaction.atomic():
        work = WorkState.FAILED if state == BatchState.FAILED else WorkState.DONE
        if not BatchRun.objects.all().finish(claim, state=work, note=" ".join(problems)[:500]):
            raise LeaseLost
        Batch.objects.filter(pk=batch.pk).update(state=state, problems=problems, changed_at=clock.now())
    pieces.remove(batch.path)
