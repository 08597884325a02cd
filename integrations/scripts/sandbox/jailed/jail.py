"""The walls of the jail, put up from inside. Nothing here can be undone by the process that called it."""

import resource
import sys

from integrations.core.jailed import seccomp
from integrations.core.jailed.seccomp import ANY, only

_STACK = 8 * 1024 * 1024
_ITIMER_PROF = 2
CALLS = {
    **seccomp.ALLOCATING,
    **seccomp.ENDING,
    "read": only(0, 0),
    "write": only(0, 1),
    "setitimer": only(0, _ITIMER_PROF),
    "gettimeofday": ANY,
    "clock_gettime": ANY,
}
"""The system calls that running a script takes."""


def enter() -> str:
    """Put the walls up. Return how strong they are: seccomp, rlimits or none."""
    if not _limit_resources():
        return "none"
    if sys.platform != "linux":
        return "rlimits"
    try:
        seccomp.install(CALLS)
    except seccomp.NotHere:
        return "rlimits"
    return "seccomp"


def _limit_resources() -> bool:
    """No new file, no process, no core dump. The parent limits the address space, for each script anew."""
    limits = {"RLIMIT_NOFILE": 3, "RLIMIT_NPROC": 0, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_STACK": _STACK}
    try:
        for name, wanted in limits.items():
            _, hard = resource.getrlimit(getattr(resource, name))
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(getattr(resource, name), (most, most))
    except (AttributeError, ValueError, OSError):
        return False
    return True
