"""OMNI Platform as a platform of the house: its webhooks carry the events themselves."""

from collections.abc import Sequence
from typing import ClassVar

from integrations.connections.models import Connection
from integrations.core import clock, safe_json
from integrations.core.errors import PermanentError
from integrations.core.platforms import (
    Fetch,
    Fetched,
    Incoming,
    InvalidSignature,
    Notice,
    Partly,
    Received,
    Unreadable,
    Unwanted,
)
from integrations.events.models import Reason
from integrations.events.services import Ingested
from integrations.inbox.models import ReceivedWebhook
from integrations.platforms.omni import mapping, taking
from integrations.platforms.omni.options import LABEL, SLUG, conditions_of

MOST_NAMED = 3
UNSIGNED = f"{LABEL} documents no signature. Choose “address only”, or a header that a proxy before it adds."


class OmniAdapter:
    slug: ClassVar[str] = SLUG
    label: ClassVar[str] = LABEL
    not_found_schedule: ClassVar[Sequence[float]] = ()

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        raise InvalidSignature(UNSIGNED)

    def delivery_key(self, request: Incoming) -> str | None:
        """None is documented; repetitions are known by the id of the event."""
        return None

    def notices(self, received: Received) -> Sequence[Notice]:
        return ()

    def take(self, received: Received) -> str | Partly:
        """Take the event of a webhook, one per request (sheet, 6); a list of them, too, each for itself."""
        connection = Connection.remembered(received.connection_id)
        try:
            body = safe_json.parse(received.incoming.body)
            conditions = conditions_of(connection)
        except (safe_json.UnreadableJSON, ValueError) as error:
            raise Unreadable(str(error)) from error
        items = body if isinstance(body, list) else [body]
        reason = Reason.REPLAY if received.replay else Reason.LIVE
        result = taking.take_pushed(connection, items, conditions=conditions, now=clock.now(), reason=reason)
        note = f"{result.accepted} new, {result.duplicates} known before."
        if result.rejected:
            note = f"{_reasons(result, count=len(items))} {note}"
        if result.accepted or result.duplicates:
            _name(received, items)
            return Partly(note) if result.rejected else note
        if result.rejected:
            raise Unreadable(note)
        raise Unwanted("Not one of the events that this connection asks for.")

    def fetch(self, order: Fetch) -> Fetched:
        raise PermanentError("This platform's webhooks carry the facts themselves: there is nothing to read again.")


def _reasons(result: Ingested, *, count: int) -> str:
    """Name what was refused; of a list by its place, from 1."""
    said = [f"Event {index + 1}: {reason}" if count > 1 else reason for index, reason in sorted(result.rejected)]
    return " ".join(said[:MOST_NAMED]) + (f" … ({len(said)} refused.)" if len(said) > MOST_NAMED else "")


def _name(received: Received, items: Sequence[object]) -> None:
    """Let the row be found by its event."""
    if len(items) == 1 and (id := mapping.id_of(items[0])):
        ReceivedWebhook.objects.filter(pk=received.id).update(resource_type="event", resource_id=id[:255])
