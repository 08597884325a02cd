"""The sandbox of this process."""

import atexit
import threading

from integrations.scripts.sandbox.pool import Sandbox

_lock = threading.Lock()
_shared: list[Sandbox] = []


def shared() -> Sandbox:
    """Return the process's own sandbox. It is made when first asked for; after a fork it begins anew by itself."""
    with _lock:
        if not _shared:
            _shared.append(Sandbox())
            atexit.register(_shared[0].close)
        return _shared[0]
