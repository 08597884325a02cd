from celery import shared_task

from integrations.core.drain import drain, drain_batches
from integrations.inbox import jobs, relay, replays
from integrations.inbox.models import ReceivedWebhook, Replay, ResourceRefresh, WebhookRelay
from integrations.inbox.processing import BATCH, process_all


@shared_task(name="inbox.process")
def process() -> None:
    drain_batches(ReceivedWebhook, process_all, size=BATCH)


@shared_task(name="inbox.refresh")
def refresh() -> None:
    drain(ResourceRefresh, jobs.refresh)


@shared_task(name="inbox.relay")
def pass_on() -> None:
    drain(WebhookRelay, relay.relay)


@shared_task(name="inbox.replay")
def replay() -> None:
    drain(Replay, replays.run)
