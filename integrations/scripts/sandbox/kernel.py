"""What the kernel says of a jailed process, and does for us: nothing here asks the process itself."""

import contextlib
import re
import resource
import sys
import time
from pathlib import Path

HEADROOM = 64 * 1024 * 1024
"""For the texts that cross between interpreter and engine, each of which may be there twice."""


def cpu_seconds(pid: int) -> float | None:
    """Return what a process has used so far; None where the kernel does not say, or when it is gone.

    The clock of another process is named by its number: see clock_getcpuclockid(3).
    """
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def level_of(pid: int, claimed: str) -> str:
    """Return how strong the jail of a process is: what it claims, if the kernel confirms it where it can be asked."""
    status = _status(pid)
    if claimed == "seccomp" and status and not {("Seccomp", "2"), ("NoNewPrivs", "1")} <= set(status.items()):
        return "rlimits"
    return claimed if claimed in ("seccomp", "rlimits") else "none"


def limit_memory(pid: int, engine: int) -> None:
    """Limit the address space so that the engine's own limit (bytes) comes first, also when its heap is in pieces."""
    size = _status(pid).get("VmSize", "").partition(" ")[0]
    if sys.platform == "linux" and size:
        most = int(size) * 1024 + 2 * engine + HEADROOM
        with contextlib.suppress(OSError, ValueError):  # gone already
            _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
            # The hard limit stays: a later script may need more, and the filter leaves no call to raise the soft one.
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, resource.RLIMIT_AS, (most, hard))


def _status(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))
