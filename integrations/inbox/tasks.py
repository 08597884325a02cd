from celery import shared_task

from integrations.core.drain import drain
from integrations.inbox import jobs, relay
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh, WebhookRelay


@shared_task(name="inbox.process")
def process() -> None:
    drain(ReceivedWebhook, jobs.process)


@shared_task(name="inbox.refresh")
def refresh() -> None:
    drain(ResourceRefresh, jobs.refresh)


@shared_task(name="inbox.relay")
def pass_on() -> None:
    drain(WebhookRelay, relay.relay)
