from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.generic import jobs
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.generic.services import POLL_TASK


@shared_task(name=POLL_TASK)
def poll() -> None:
    drain(WorkOrderFeed, jobs.poll)
