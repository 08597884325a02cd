from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutting_down

from integrations.outbox.pump import background

SHUTDOWN_SECONDS = 15.0


@shared_task(name="outbox.deliver")
def deliver() -> None:
    background.kick()


@worker_process_shutdown.connect
@worker_shutting_down.connect
def finish(**_: Any) -> None:
    """Write down what is on its way before the process ends; without it, that would be sent once more."""
    background.stop(seconds=SHUTDOWN_SECONDS)
