from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutting_down

from integrations.core.drain import drain
from integrations.outbox import backlog
from integrations.outbox.models import Resend
from integrations.outbox.pump import background
from integrations.outbox.services import resending

SHUTDOWN_SECONDS = 15.0


@shared_task(name="outbox.deliver")
def deliver() -> None:
    background.kick()


@shared_task(name="outbox.resend")
def send_again() -> None:
    drain(Resend, resending.run)


@shared_task(name="outbox.expire")
def expire() -> None:
    backlog.expire()


@worker_process_shutdown.connect
@worker_shutting_down.connect
def finish(**_: Any) -> None:
    """Write down what is on its way before the process ends; without it, that would be sent once more."""
    background.stop(seconds=SHUTDOWN_SECONDS)
