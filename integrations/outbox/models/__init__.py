"""Messages out: where they go, what is sent, how far each has come, and every attempt with its answer."""

from integrations.outbox.models.deliveries import Attempt, Delivery, DeliveryQuerySet, DeliveryState, Message
from integrations.outbox.models.destinations import Destination, DestinationQuerySet, Method

__all__ = [
    "DELIVER_TASK",
    "Attempt",
    "Delivery",
    "DeliveryQuerySet",
    "DeliveryState",
    "Destination",
    "DestinationQuerySet",
    "Message",
    "Method",
]

DELIVER_TASK = "outbox.deliver"
