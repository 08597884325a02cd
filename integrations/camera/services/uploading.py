"""Photos sent piece by piece: resumed where they stopped, acknowledged when they are on the disk, and once an input."""

import re
import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from integrations.camera import disk
from integrations.camera.models import Input, TaskGroup, Upload, Visit, WorkItem
from integrations.camera.services import pieces, receiving
from integrations.camera.services.refusals import Malformed, NotNow, Refusal
from integrations.core import files, images

MEGABYTE = 1024 * 1024
MOST_BYTES = images.MAX_BYTES
MOST_BYTES_OF_A_PDF = 8 * MEGABYTE
MOST_OF_A_PIECE = 5 * MEGABYTE
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
DIGEST = re.compile(r"[0-9a-f]{64}")
PDF = b"%PDF-"
PDF_TYPE = "application/pdf"
# A picture of 50 megapixels takes 200 MB while it is decoded.
_decoding = threading.BoundedSemaphore(2)


class TooLarge(Refusal):
    code, answer = "too_large", 413
    title = "The file is too large."


class NotAPicture(Refusal):
    code, answer = "not_a_picture", 422
    title = "This file is not a photo that can be read."


class NotAccepted(Refusal):
    code, answer = "type_not_accepted", 415
    title = "Only photos are accepted here, no PDF."


class Damaged(Refusal):
    code, answer = "damaged", 422
    title = "The photo was damaged on its way; send it again from its beginning."


class DiskFull(NotNow):
    code, answer = "disk_full", 507
    title = "The server has no room for photos at the moment. The photo stays on this device and is sent later."


class StorageDown(NotNow):
    code, answer = "storage_down", 503
    title = "The server cannot keep photos at the moment. The photo stays on this device and is sent later."


class WrongOffset(Refusal):
    """`received`: the offset that is right."""

    code, answer = "wrong_offset", 409
    title = "The photo goes on at another place."

    def __init__(self, received: int) -> None:
        super().__init__()
        self.received = received


class AnotherUpload(Refusal):
    code, answer = "upload_differs", 409
    title = "Another photo is being sent under this key; use a key of its own for each photo."


@dataclass(frozen=True)
class Piece:
    """One request: a part of a file of `length` bytes and this SHA-256 (hex), from `offset` on."""

    key: str
    offset: int
    length: int
    sha256: str
    content_type: str
    data: bytes
    taken_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """How far an upload is; `input`: what has become of it when all is there."""

    received: int
    length: int
    input: UUID | None = None


def progress(item: WorkItem, key: str) -> Progress:
    """Tell how much of a photo is here. :raises Malformed:"""
    _check_key(key)
    if made := _input_of(item, key):
        return Progress(made.bytes, made.bytes, made.uuid)
    upload = Upload.objects.filter(item=item, key=key).first()
    return Progress(upload.received, upload.size) if upload else Progress(0, 0)


def take(visit: Visit, item: WorkItem, piece: Piece, *, now: datetime) -> Progress:
    """Keep one piece durably; with the last one the photo becomes an input. Repeating a piece gives the same answer.

    :raises Refusal: of one of the kinds above
    """
    _check(piece, item.group)
    if made := _input_of(item, piece.key):
        return Progress(made.bytes, made.bytes, made.uuid)
    if disk.problem():
        raise DiskFull
    try:
        upload = _kept(item, piece, now=now)
        if upload.received < upload.size:
            return Progress(upload.received, upload.size)
        return Progress(upload.size, upload.size, _finish(visit, item, upload, piece, now=now).uuid)
    except Upload.DoesNotExist:  # another request has just finished it, or refused it
        if made := _input_of(item, piece.key):
            return Progress(made.bytes, made.bytes, made.uuid)
        raise WrongOffset(0) from None
    except Exception as error:
        if refusal := not_now(error):
            raise refusal from error
        raise


def not_now(error: Exception) -> NotNow | None:
    """Return how to refuse what cannot be kept at the moment, and can be sent again; None for other errors."""
    if disk.is_full(error):
        return DiskFull()
    return StorageDown() if isinstance(error, files.StorageFailed) else None


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        raise Malformed("The key of an upload has 8 to 64 letters, digits, - and _.")


def _check(piece: Piece, group: TaskGroup) -> None:
    """:raises Malformed: :raises TooLarge: :raises NotAccepted:"""
    _check_key(piece.key)
    if not DIGEST.fullmatch(piece.sha256):
        raise Malformed("Upload-Sha256 is the SHA-256 of the whole file, in 64 hex digits.")
    end = piece.offset + len(piece.data)
    if piece.offset < 0 or not piece.data or end > piece.length:
        raise Malformed("Upload-Offset and Upload-Length do not fit the size of this piece.")
    if piece.content_type == PDF_TYPE and not group.allow_pdf:
        raise NotAccepted
    if piece.length > MOST_BYTES or len(piece.data) > MOST_OF_A_PIECE:
        raise TooLarge(f"A photo has {MOST_BYTES // MEGABYTE} MB at most, a piece {MOST_OF_A_PIECE // MEGABYTE} MB.")


def _input_of(item: WorkItem, key: str) -> Input | None:
    return Input.objects.filter(item=item, client_key=key).first()


def _kept(item: WorkItem, piece: Piece, *, now: datetime) -> Upload:
    """Write the piece and note it. :raises WrongOffset: :raises AnotherUpload: :raises Upload.DoesNotExist:"""
    upload = _upload(item, piece, now=now)
    if (upload.size, upload.sha256) != (piece.length, piece.sha256):
        raise AnotherUpload
    end = piece.offset + len(piece.data)
    if end <= upload.received:
        return upload
    if piece.offset != upload.received:
        raise WrongOffset(upload.received)
    try:
        pieces.write(upload.path, offset=piece.offset, data=piece.data)
    except pieces.PiecesLost:
        Upload.objects.filter(pk=upload.pk).update(received=0, changed_at=now)
        raise WrongOffset(0) from None
    # Another request may have brought the same piece, and the next one, meanwhile.
    Upload.objects.filter(pk=upload.pk, received=piece.offset).update(received=end, changed_at=now)
    upload.refresh_from_db()
    return upload


def _upload(item: WorkItem, piece: Piece, *, now: datetime) -> Upload:
    known = Upload.objects.filter(item=item, key=piece.key).first()
    if known:
        return known
    made = Upload(item=item, key=piece.key, size=piece.length, sha256=piece.sha256, content_type=piece.content_type)
    made.path, made.created_at, made.changed_at = f"{made.uuid}.part", now, now
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return Upload.objects.get(item=item, key=piece.key)
    return made


def _finish(visit: Visit, item: WorkItem, upload: Upload, piece: Piece, *, now: datetime) -> Input:
    """Check and decode the whole, and make the input. What is refused is gone, and may be sent anew under its key."""
    if files.problem():  # before the work of decoding, which would be for nothing
        raise StorageDown
    try:
        data = pieces.read(upload.path, size=upload.size)
    except pieces.PiecesLost:
        if made := _input_of(item, upload.key):
            return made
        Upload.objects.filter(pk=upload.pk).update(received=0)
        raise WrongOffset(0) from None
    try:
        if pieces.digest(data) != upload.sha256:
            raise Damaged
        content = content_of(data, item.group)
    except Refusal:
        discard(upload)
        raise
    made = receiving.receive(
        item, uuid=upload.uuid, key=upload.key, content=content, visit=visit, taken_at=piece.taken_at, now=now
    )
    pieces.remove(upload.path)
    return made


def content_of(data: bytes, group: TaskGroup) -> receiving.Content:
    """Say what the bytes are: they decide, not what was said of them. :raises Refusal:"""
    digest = pieces.digest(data)
    if data.startswith(PDF):
        if not group.allow_pdf:
            raise NotAccepted
        if len(data) > MOST_BYTES_OF_A_PDF:
            raise TooLarge("A PDF has 8 MB at most.")
        return receiving.Content(digest, len(data), PDF_TYPE, document=data)
    return decoded(data, digest)


def decoded(data: bytes, digest: str) -> receiving.Content:
    """Return a picture that was decoded safely. :raises NotAPicture: saying why it was not"""
    try:
        with _decoding:
            image = images.clean(data)
    except images.ImageRefused as error:
        raise NotAPicture(str(error)) from error
    return receiving.Content(digest, len(data), image.content_type, image=image)


def discard(upload: Upload) -> None:
    """Forget an upload: its row first, so that no row names a file that is gone."""
    Upload.objects.filter(pk=upload.pk).delete()
    pieces.remove(upload.path)
