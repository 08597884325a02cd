from typing import Any

from django.db.models import QuerySet

from integrations.connections.api.filtering import Condition, Filters, before, exactly, number, one_of, since
from integrations.core.work import WorkState
from integrations.outbox.models import DeliveryState


class _OfOrder(Condition):
    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(message__subject=f"workorder/{value}")


class DeliveryFilter(Filters):
    state = one_of("state", DeliveryState.choices)
    work_order = number("work_order", "Number of the work order.", kind=_OfOrder)
    destination = number("destination", "Number of the destination.")
    event_id = exactly("message__uid", "The id of what was sent: `X-Event-Id`.", longest=64)
    event_type = exactly("message__type", "Type of what was sent.", longest=80)
    correlation_id = exactly("message__correlation_id", longest=40)
    queued_since = since("queued_at")
    queued_before = before("queued_at")


class ResendFilter(Filters):
    state = one_of("state", WorkState.choices)
