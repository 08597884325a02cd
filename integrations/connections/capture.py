"""Whether writes of a connection are recorded instead of sent, and why."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection as database

from integrations.connections.models import Connection, Installation

KEPT_SECONDS = 1.0


@dataclass
class _Known:
    reason: str = ""
    until: float = 0.0


_known = _Known()


def capture_reason(connection: Connection | None) -> str:
    """Say why writes are not sent; empty if they are. None: of what leaves without a connection."""
    if settings.OUTBOUND == "capture":
        return "OUTBOUND=capture: this installation records writes and sends none."
    if connection and connection.capture:
        return "This connection is in capture mode: writes are recorded and not sent."
    return _installation_reason()


def _installation_reason() -> str:
    """Read it once a second at most; inside a transaction always, as that may be undone."""
    if not database.in_atomic_block and time.monotonic() < _known.until:
        return _known.reason
    reason = Installation.objects.values_list("capture_reason", flat=True).first() or ""
    if not database.in_atomic_block:
        _known.reason, _known.until = reason, time.monotonic() + KEPT_SECONDS
    return reason
