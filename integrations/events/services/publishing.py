"""Publishing facts, and who answers them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from integrations.core.inserting import insert, insert_all
from integrations.core.wake import wake
from integrations.events.models import Event, Reason

SEQUENCE_TASK = "events.sequence"

Sink = Callable[[Sequence[Event]], None]
_sinks: list[Sink] = []


def register_sink(sink: Sink) -> None:
    """Let `sink(events)` answer newly numbered events, in order, inside the sequencer's transaction.

    A sink inserts rows of its own app from values in the events; what a user configured is evaluated later, in a run.
    """
    _sinks.append(sink)


def sinks() -> list[Sink]:
    return list(_sinks)


def publish(
    *,
    workspace_id: int,
    type: str,
    occurred_at: datetime,
    payload: dict[str, Any],
    source_type: str = "",
    source_id: str = "",
    subject: str = "",
    reason: str = Reason.LIVE,
) -> Event:
    """Insert an event, unnumbered, in the caller's transaction; it is numbered and answered after the commit."""
    event = Event(
        workspace_id=workspace_id,
        type=type,
        occurred_at=occurred_at,
        payload=payload,
        source_type=source_type,
        source_id=source_id,
        subject=subject,
        reason=reason,
    )
    insert(event)
    wake(SEQUENCE_TASK)
    return event


def publish_all(events: Sequence[Event]) -> None:
    """Insert many events as `publish` does one, in one statement for each hundred."""
    if events:
        insert_all(events, key="uuid")
        wake(SEQUENCE_TASK)
