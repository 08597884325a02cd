"""Files that are kept (photos, PDFs, examples): on a disk of ours or in a bucket. Nothing else asks the storage.

A storage has errors of its own, whichever library it is of. Here they become one, which says that trying again helps.
"""

import errno
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from threading import Lock

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from integrations.core.errors import TransientError

logger = logging.getLogger(__name__)

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
NOT_NOW = "The storage of photos does not answer. Nothing is lost: it is tried again."
NO_ROOM = "There is no room left for photos. Nothing is lost: it is tried again."
# A storage that failed is left alone for so long; one that answered is asked again after it.
REMEMBERED_SECONDS = 10.0


class StorageFailed(TransientError):
    """The storage could not be asked, or refused. What was to be kept is not kept."""


class StorageFull(StorageFailed):
    """There is no room left on the disk."""


class _Remembered:
    """What is known of the storage, and until when (monotonic)."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        self.until, self.problem = 0.0, ""

    def note(self, problem: str) -> str:
        self.until, self.problem = time.monotonic() + REMEMBERED_SECONDS, problem
        return problem


_remembered = _Remembered()
forget = _remembered.forget


def save(name: str, content: bytes) -> str:
    """Store a file under this name, or one like it, for good: the row that names it may be committed after this.

    The name is random or else unique. Not in a transaction, which a storage elsewhere would hold up.
    :raises StorageFailed: :raises StorageFull: then nothing of it is left
    """
    try:
        with _asking("keep"):
            saved: str = default_storage.save(name, ContentFile(content))
            if folder := local_folder():
                _sync(folder / saved)
    except StorageFull:
        discard([name])
        raise
    return saved


def save_all(contents: Mapping[str, bytes]) -> list[str]:
    """Store files that belong together; return their names. :raises StorageFailed: :raises StorageFull: as `save`"""
    saved: list[str] = []
    try:
        for name, content in contents.items():
            saved.append(save(name, content))
    except StorageFull:  # what is left behind would keep the disk full until the daily sweep
        discard(saved)
        raise
    return saved


def _sync(path: Path) -> None:
    """Wait until a file and its name are on the disk, so that they survive a power cut."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(name: str) -> bytes:
    """:raises FileNotFoundError: if there is no such file :raises StorageFailed:"""
    with _asking("read", missing=True), default_storage.open(name) as file:
        content: bytes = file.read()
    return content


def delete(name: str) -> None:
    """Delete a file; one that is gone already is no error. :raises StorageFailed:"""
    with _asking("delete"):
        default_storage.delete(name)


def discard(names: Iterable[str]) -> None:
    """Delete files that no row names. What cannot be deleted now is found by the daily sweep."""
    with suppress(StorageFailed):
        for name in names:
            delete(name)


def names(folder: str) -> list[str]:
    """Return the files of a folder, with the folder; empty if there is none. :raises StorageFailed:"""
    return [f"{folder}/{name}" for name in _listed(folder)[1]]


def days(folder: str, *, before: date) -> list[date]:
    """Return the days that have a folder of their own in this one, oldest first. :raises StorageFailed:"""
    found = []
    for name in _listed(folder)[0]:
        with suppress(ValueError):  # not a folder of ours
            found.append(date.fromisoformat(name))
    return sorted(day for day in found if day < before)


def changed_at(name: str) -> datetime:
    """Return when a file was stored. :raises FileNotFoundError: :raises StorageFailed:"""
    with _asking("look at", missing=True):
        return default_storage.get_modified_time(name)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        with _asking("list", missing=True):
            return default_storage.listdir(folder)
    except FileNotFoundError:  # a disk; a bucket has no folders that could be missing
        return [], []


def local_folder() -> Path | None:
    """Return where the files are on a disk of ours; None if they are elsewhere."""
    return Path(default_storage.location) if isinstance(default_storage, FileSystemStorage) else None


def problem() -> str:
    """Say why no file can be kept or read; empty if all is well. It asks the storage every ten seconds at most."""
    with _remembered.lock:
        if time.monotonic() < _remembered.until:
            return _remembered.problem
        try:
            _listed("")
        except StorageFailed as error:
            return _remembered.note(str(error))
        return _remembered.note(_not_writable())


def _not_writable() -> str:
    folder = local_folder()
    if folder is None or not folder.exists() or os.access(folder, os.W_OK | os.X_OK):
        return ""
    return f"{folder} cannot be written by this user; photos are kept there."


@contextmanager
def _asking(what: str, *, missing: bool = False) -> Iterator[None]:
    """Turn what goes wrong into StorageFailed, save a missing file where it may be `missing`."""
    try:
        yield
    except Exception as error:  # each storage's library has errors of its own
        if missing and isinstance(error, FileNotFoundError):
            raise
        if isinstance(error, OSError) and error.errno in NO_SPACE:
            logger.error("there is no room to %s a file", what)
            raise StorageFull(NO_ROOM) from error
        logger.error("the storage of photos failed to %s a file: %s", what, _said(error))
        _remembered.note(f"{NOT_NOW} ({type(error).__name__})")
        raise StorageFailed(f"{NOT_NOW} ({type(error).__name__})") from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"
