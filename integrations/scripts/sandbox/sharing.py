"""The sandbox of this process."""

import threading

from integrations.scripts.sandbox.pool import Sandbox

_lock = threading.Lock()
_shared: list[Sandbox] = []


def shared() -> Sandbox:
    """Return the process's own sandbox. It is made when first asked for, and after a fork starts anew by itself."""
    with _lock:
        if not _shared:
            _shared.append(Sandbox())
        return _shared[0]
