from celery import shared_task

from integrations.core.drain import drain
from integrations.events import jobs, sequencer
from integrations.events.models import PICTURE_TASK, Picture


@shared_task(name="events.sequence")
def sequence() -> None:
    sequencer.sequence_all()


@shared_task(name=PICTURE_TASK)
def fetch() -> None:
    drain(Picture, jobs.fetch)
