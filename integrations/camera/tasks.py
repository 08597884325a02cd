from celery import shared_task

from integrations.camera import jobs
from integrations.camera.models import ANALYSE_TASK, BATCH_TASK, AnalysisRun, BatchRun
from integrations.core.drain import drain


@shared_task(name=ANALYSE_TASK)
def analyse() -> None:
    drain(AnalysisRun, jobs.run_analysis)


@shared_task(name=BATCH_TASK)
def take_batch() -> None:
    drain(BatchRun, jobs.run_batch)
