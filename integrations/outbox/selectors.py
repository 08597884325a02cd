"""What waits at a destination, with what is to be sent."""

from integrations.core.statements import Reading
from integrations.outbox.models import Delivery, Message
from integrations.outbox.models.deliveries import OPEN_STATES

BATCH = 20
_OF_MESSAGE = ("uid", "type", "cursor", "content_type", "body", "subject", "correlation_id")
_JOIN = "JOIN outbox_message m ON m.id = t.message_id"
_OPEN = f"t.destination_id = %s AND t.state IN ({', '.join(repr(str(state)) for state in OPEN_STATES)})"
_EXTRA = {f"message_{name}": f"m.{name}" for name in _OF_MESSAGE}
_IN_ORDER = Reading(Delivery, f"{_JOIN} WHERE {_OPEN} ORDER BY t.aside, t.id LIMIT %s", extra=_EXTRA)
_ASIDE = Reading(Delivery, f"{_JOIN} WHERE {_OPEN} AND t.aside = %s ORDER BY t.due_at, t.id LIMIT %s", extra=_EXTRA)


def in_order(destination_id: int, *, limit: int = BATCH) -> list[Delivery]:
    """Return the first open deliveries, those aside behind the others."""
    return [_with_message(row) for row in _IN_ORDER.rows(destination_id, limit)]


def aside(destination_id: int, *, limit: int) -> list[Delivery]:
    """Return those that nobody waits for any more, the soonest first."""
    return [_with_message(row) for row in _ASIDE.rows(destination_id, True, limit)]


def _with_message(row: Delivery) -> Delivery:
    row.message = Message(pk=row.message_id, **{name: getattr(row, f"message_{name}") for name in _OF_MESSAGE})
    return row
