"""Whether photos can be kept: the disk of what is on its way, and of the files."""

import shutil
from pathlib import Path

from django.conf import settings

from integrations.core import files

MEGABYTE = 1024 * 1024
# How PostgreSQL and SQLite say it.
FULL_DATABASE = ("disk is full", "could not extend file", "no space left")


def problem() -> str:
    """Say why no photo is accepted; empty if photos are."""
    free = min(shutil.disk_usage(_existing(path)).free for path in _paths()) // MEGABYTE
    if free >= settings.DISK_MIN_FREE_MB:
        return ""
    return f"{free} MB are left on the disk; below {settings.DISK_MIN_FREE_MB} no photo is accepted. Make room."


def is_full(error: BaseException) -> bool:
    """Say whether an error means that there is no room left, on the disk or in the database."""
    if isinstance(error, files.StorageFull):
        return True
    if isinstance(error, OSError):
        return error.errno in files.NO_SPACE
    return any(words in str(error).lower() for words in FULL_DATABASE)


def _paths() -> list[Path]:
    """Pieces are below the first; photos below the second, which may be a disk of its own or elsewhere."""
    return [Path(settings.DATA_DIR), *filter(None, [files.local_folder()])]


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
