from celery import shared_task

from integrations.events import sequencer


@shared_task(name="events.sequence")
def sequence() -> None:
    sequencer.sequence_all()
