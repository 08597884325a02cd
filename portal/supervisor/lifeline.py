"""Ends every child when the supervisor is gone, even by SIGKILL, when nobody else could.

A process of its own, run as a file with Python alone. It reads lines `+<process group>` and `-<process group>` from
its standard input; the end of input means that the supervisor has ended.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 5.0


def watch() -> None:
    for deaf in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(deaf, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    end(groups)


def end(groups: set[int]) -> None:
    """Ask the groups to stop; after a grace, make them."""
    left = {group for group in groups if tell(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if tell(group, 0)}
    for group in left:
        tell(group, signal.SIGKILL)


def tell(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    watch()
