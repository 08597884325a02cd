"""The data directory: one Fieldport at a time, its keys, its logs."""

import base64
import fcntl
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from portal.supervisor.errors import StartRefused

LOCK_SECONDS = 10.0
DATABASE = "fieldport.sqlite3"
KEYS: dict[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(50),
    "field_encryption_keys": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
}


def lay_out(data_dir: Path) -> None:
    """Make the directories. :raises StartRefused: if that is not allowed"""
    try:
        for name in ("keys", "logs", "run", "media"):
            (data_dir / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(
            f"the data directory {data_dir} cannot be written ({error.strerror}). Name another: make run DATA_DIR=…"
        ) from error


def lock(data_dir: Path) -> IO[bytes]:
    """Hold the data directory for as long as the file is open; wait for a former run that is still stopping.

    :raises StartRefused: if another Fieldport holds it
    """
    held = (data_dir / "run" / "lock").open("wb")
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StartRefused(
                    f"another Fieldport runs on {data_dir}. Stop it, or name another: make run DATA_DIR=…"
                ) from None
            time.sleep(0.2)
        else:
            return held


def ensure_keys(data_dir: Path, *, given: frozenset[str]) -> None:
    """Create the keys that are neither there nor given by the environment; only their owner may read them.

    :raises StartRefused: if there is a database already, whose secrets a new key would not open
    """
    for name, make in KEYS.items():
        path = data_dir / "keys" / name
        if name.upper() in given or path.exists():
            continue
        if (data_dir / DATABASE).exists():
            raise StartRefused(
                f"{data_dir / DATABASE} is there, but the key that goes with it is not ({path}). Put the key back from "
                "your backup, or name an empty directory: make run DATA_DIR=…"
            )
        with open(path, "x", opener=_for_the_owner, encoding="ascii") as file:
            file.write(make())


def note_broker(data_dir: Path, url: str) -> None:
    """Tell commands that are given beside the running portal where its broker is."""
    with open(data_dir / "run" / "redis_url", "w", opener=_for_the_owner, encoding="ascii") as file:
        file.write(url)


def forget_broker(data_dir: Path) -> None:
    (data_dir / "run" / "redis_url").unlink(missing_ok=True)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
