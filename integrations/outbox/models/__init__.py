"""Messages out: where they go, what is sent, how far each has come, and every attempt with its answer."""

from integrations.outbox.models.deliveries import Attempt, Delivery, DeliveryQuerySet, DeliveryState, Message
from integrations.outbox.models.destinations import Destination, DestinationQuerySet, Method
from integrations.outbox.models.resends import Resend

__all__ = [
    "DELIVER_TASK",
    "RESEND_TASK",
    "Attempt",
    "Delivery",
    "DeliveryQuerySet",
    "DeliveryState",
    "Destination",
    "DestinationQuerySet",
    "Message",
    "Method",
    "Resend",
]

DELIVER_TASK = "outbox.deliver"
RESEND_TASK = "outbox.resend"
