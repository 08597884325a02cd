from celery import shared_task

from integrations.core.drain import drain
from integrations.readiness import jobs, trials
from integrations.readiness.models import FieldTrial


@shared_task(name=trials.TASK)
def try_fields() -> None:
    drain(FieldTrial, jobs.run_trial)
