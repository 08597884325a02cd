"""Trying a destination: a message that says it is a test, sent at once, beside everything that waits."""

import json
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from integrations.connections.capture import capture_reason
from integrations.core.wake import wake
from integrations.outbox.models import DELIVER_TASK, Delivery, DeliveryState, Destination, Message
from integrations.outbox.recording import attempt_of
from integrations.outbox.rounds import Landed
from integrations.outbox.sealing import sealed
from integrations.outbox.sending import Outcome, send

TEST_TYPE = "fieldport.test"


def send_test(destination: Destination, *, by: str, now: datetime) -> Delivery:
    """Send a test message and keep what came of it; it is not tried again. Takes up to the destination's time limit."""
    message = _message(destination, now=now)
    delivery = Delivery(destination=destination, message=message, due_at=now, queued_at=now)
    outcome = send(sealed(delivery, at=now, capture=bool(capture_reason(None))))
    _keep(delivery, outcome, by=by, now=now)
    if outcome.delivered and destination.suspended_at:
        Destination.objects.filter(pk=destination.pk).hurry(now=now)
        wake(DELIVER_TASK)
    return delivery


def _message(destination: Destination, *, now: datetime) -> Message:
    uid = f"test-{uuid4()}"
    body = {"type": TEST_TYPE, "test": True, "id": uid, "destination": destination.name, "sent_at": now.isoformat()}
    return Message(workspace=destination.workspace, uid=uid, type=TEST_TYPE, body=json.dumps(body), created_at=now)


@transaction.atomic
def _keep(delivery: Delivery, outcome: Outcome, *, by: str, now: datetime) -> None:
    attempt = attempt_of(Landed(delivery, outcome, now))
    delivery.message.save()
    delivery.message_id = delivery.message.pk
    delivery.state = DeliveryState.DELIVERED if outcome.delivered else DeliveryState.FAILED
    delivery.attempts, delivery.tries, delivery.first_tried_at, delivery.ended_at = 1, 1, now, now
    delivery.note = f"A test by {by}. {outcome.note}"
    delivery.save()
    attempt.delivery_id = delivery.pk
    attempt.save()
