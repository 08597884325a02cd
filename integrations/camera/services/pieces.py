"""Photos on their way: pieces on the disk, there for good before they are acknowledged."""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

FOLDER = "uploads"


class PiecesLost(Exception):
    """The file of what was acknowledged is gone: begin anew."""


def folder() -> Path:
    return Path(settings.DATA_DIR) / FOLDER


def path_of(name: str) -> Path:
    return folder() / name


def write(name: str, *, offset: int, data: bytes) -> None:
    """Write a piece and wait until it is on the disk. The same piece again changes nothing.

    :raises PiecesLost: if the file is shorter than `offset` :raises OSError: such as a full disk
    """
    with _opened(path_of(name), new=offset == 0) as file:
        if file.seek(0, os.SEEK_END) < offset:
            raise PiecesLost
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _opened(path: Path, *, new: bool) -> BinaryIO:
    if new:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if new else 0), 0o600)
    except FileNotFoundError:
        raise PiecesLost from None
    if new:
        _sync_folder(path.parent)
    return os.fdopen(descriptor, "r+b")


def _sync_folder(path: Path) -> None:
    """The name of a new file has to survive a power cut too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(name: str, *, size: int) -> bytes:
    """Return the whole. :raises PiecesLost: if there is less than `size`"""
    try:
        with path_of(name).open("rb") as file:
            data = file.read(size)
    except FileNotFoundError:
        raise PiecesLost from None
    if len(data) < size:
        raise PiecesLost
    return data


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def remove(name: str) -> None:
    path_of(name).unlink(missing_ok=True)


def names() -> list[str]:
    """Return the files that there are."""
    return sorted(each.name for each in folder().iterdir()) if folder().exists() else []


def age_of(name: str, *, now: float) -> float:
    """Return the seconds since a file was last written; 0 if it is gone."""
    try:
        return now - path_of(name).stat().st_mtime
    except FileNotFoundError:
        return 0.0
