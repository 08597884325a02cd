"""What a jailed program has done before its walls go up, since it would reach outside later."""

import ctypes
import os
import sys
import time

_ARENA_MAX = -8  # of mallopt(3)


def settle() -> None:
    """Read no time zone file later, and make no heaps by the number of CPUs."""
    os.putenv("TZ", "UTC0")
    time.tzset()
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_ARENA_MAX, 1)
