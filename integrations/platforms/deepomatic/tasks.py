from celery import shared_task

from integrations.core.drain import drain
from integrations.platforms.deepomatic import corrections
from integrations.platforms.deepomatic.models import CORRECT_TASK, CorrectionPush


@shared_task(name=CORRECT_TASK)
def correct() -> None:
    drain(CorrectionPush, corrections.push)
