"""Corrections become rows to be sent, where the vendor knows the order."""

from collections.abc import Sequence
from uuid import UUID

from integrations.camera.services.telling import CORRECTED
from integrations.core import clock
from integrations.core.wake import wake
from integrations.events.models import Event
from integrations.platforms.deepomatic.models import CORRECT_TASK, CorrectionPush, VendorOrder


def answer(events: Sequence[Event]) -> None:
    """Insert a row for each correction of an order that is at the vendor's; whether it is sent, its run decides."""
    told = [event for event in events if event.type == CORRECTED]
    if not told:
        return
    named = {UUID(event.payload["order"]) for event in told}
    known = VendorOrder.objects.filter(order__uuid__in=named).exclude(external_id="").select_related("order")
    rows = [_row(event, each) for each in known for event in told if event.payload["order"] == str(each.order.uuid)]
    CorrectionPush.objects.bulk_create(rows, ignore_conflicts=True)
    wake(CORRECT_TASK)


def _row(event: Event, order: VendorOrder) -> CorrectionPush:
    told = event.payload
    return CorrectionPush(
        order=order,
        input_uuid=UUID(told["input"]),
        task=told["task"],
        value=told["value"],
        subject=event.subject,
        correlation_id=event.correlation_id,
        due_at=clock.now(),
    )
