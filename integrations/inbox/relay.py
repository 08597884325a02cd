"""Passing a request on, byte for byte, to an older receiver, so that a customer can move over side by side."""

from datetime import timedelta

from django.conf import settings

from integrations.core import clock
from integrations.core.errors import Captured, FieldportError, OutboundOff, Paused, PermanentError
from integrations.core.http import OutboundClient
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, WorkState
from integrations.inbox.models import WebhookRelay

RELAY_TASK = "inbox.relay"
TRIED_FOR = timedelta(hours=72)
HOLD = timedelta(seconds=30)
# What belongs to the connection between two hosts, and is made anew for the next one.
HOP_HEADERS = {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "upgrade", "te", "expect"}


def relay(claim: Claim) -> None:
    """Send one request on; its own retries never delay ours."""
    row: WebhookRelay = claim.row
    webhook = row.webhook
    query = f"?{webhook.query}" if webhook.query else ""
    headers = {name: value for name, value in webhook.header_pairs() if name.lower() not in HOP_HEADERS}
    client = OutboundClient(webhook.source.relay_url, capture=settings.OUTBOUND == "capture")
    with correlated(webhook.correlation_id):
        claim.renew(now=clock.now())
        try:
            answer = client.request(
                "POST", webhook.source.relay_url + query, data=bytes(webhook.body), headers=headers, effect=True
            )
        except FieldportError as error:
            _not_relayed(claim, error)
        else:
            _end(claim, WorkState.DONE, f"The older receiver answered {answer.status_code}.", answer.status_code)


def _end(claim: Claim, state: WorkState, note: str, status: int | None) -> None:
    WebhookRelay.objects.finish(claim, state=state, note=note, answer_status=status)


def _not_relayed(claim: Claim, error: FieldportError) -> None:
    row: WebhookRelay = claim.row
    now = clock.now()
    if isinstance(error, Captured):
        _end(claim, WorkState.SKIPPED, f"Not passed on: {error}", None)
    elif isinstance(error, PermanentError) or expired(since=row.retry_since, now=now, longest=TRIED_FOR):
        _end(claim, WorkState.FAILED, str(error), error.status)
    elif isinstance(error, OutboundOff | Paused):
        WebhookRelay.objects.put_back(claim, due_at=now + HOLD, note=str(error))
    else:
        due = next_try(now=now, attempts=row.attempts, retry_after=getattr(error, "retry_after", None))
        WebhookRelay.objects.retry(claim, due_at=due, note=str(error), answer_status=error.status)
        wake(RELAY_TASK, countdown=(due - now).total_seconds())
