from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.omni import joining
from integrations.platforms.omni.models import JOIN_TASK, Recognition


@shared_task(name=JOIN_TASK)
def join() -> None:
    drain(Recognition, joining.join)
