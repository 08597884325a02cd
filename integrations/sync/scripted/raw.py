"""A script's own request: intent, send, answer, each committed before the next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.sync.scripted.asked import Effect, RawRequest, Reply

Fill = Callable[[Any], Any]


def send_raw(effect: Effect, request: RawRequest, *, fill: Fill, now: datetime) -> Reply:
    """Send a request once, or return the answer that the ledger has.

    `fill(value)` puts secrets into a JSON value just before it is sent; the ledger keeps their placeholders only.

    :raises Waiting: :raises Undecided: :raises NotDeterministic:
    :raises TransientError: :raises PermanentError: with the answer's `status`, `headers` and `content`, if there is one
    """
    raise NotImplementedError


def preview_raw(effect: Effect, request: RawRequest) -> dict[str, Any]:
    """Return what would be sent, as the ledger would keep it; nothing is sent or written."""
    raise NotImplementedError
