"""From a delivery to the request that carries it."""

from datetime import datetime

from django.conf import settings

from integrations.outbox.models import Delivery
from integrations.outbox.sending import Sealed
from integrations.outbox.signatures import Letter, headers_of

# A request ends well within the lease, so that the holder of a lane never has to renew it.
REQUEST_SHARE = 0.6


def sealed(delivery: Delivery, *, at: datetime, capture: bool) -> Sealed:
    """Return the request that carries a delivery, signed as of `at`."""
    to, message = delivery.destination, delivery.message
    letter = Letter(
        uid=message.uid,
        type=message.type,
        cursor=message.cursor,
        body=message.body,
        endpoint=str(to.uid),
        attempt=delivery.attempts + 1,
    )
    named = headers_of(letter, signed_by=to.signing_secrets(at), at=at)
    return Sealed(
        url=to.url,
        method=to.method,
        body=message.body,
        headers={"Content-Type": message.content_type} | named,
        own=to.headers,
        correlation_id=message.correlation_id,
        seconds=min(to.total_seconds, settings.WORK_LEASE_SECONDS * REQUEST_SHARE),
        connect_seconds=to.connect_seconds,
        capture=capture,
    )
