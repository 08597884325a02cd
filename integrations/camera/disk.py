"""Whether photos can be kept: the disk of what is on its way, and of the files."""

import errno
import shutil
from pathlib import Path

from django.conf import settings

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
MEGABYTE = 1024 * 1024
# How PostgreSQL and SQLite say it.
FULL_DATABASE = ("disk is full", "could not extend file", "no space left")


def problem() -> str:
    """Say why no photo is accepted; empty if photos are."""
    free = shutil.disk_usage(_existing(Path(settings.DATA_DIR))).free // MEGABYTE
    if free >= settings.DISK_MIN_FREE_MB:
        return ""
    return f"{free} MB are left on the disk; below {settings.DISK_MIN_FREE_MB} no photo is accepted. Make room."


def is_full(error: BaseException) -> bool:
    """Say whether an error means that there is no room left, on the disk or in the database."""
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    return any(words in str(error).lower() for words in FULL_DATABASE)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
