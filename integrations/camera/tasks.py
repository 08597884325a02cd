from celery import shared_task

from integrations.camera import hand_overs, jobs
from integrations.camera.models import (
    ANALYSE_TASK,
    BATCH_TASK,
    HAND_OVER_TASK,
    AnalysisRun,
    BatchRun,
    HandOver,
)
from integrations.core.drain import drain


@shared_task(name=ANALYSE_TASK)
def analyse() -> None:
    drain(AnalysisRun, jobs.run_analysis)


@shared_task(name=BATCH_TASK)
def take_batch() -> None:
    drain(BatchRun, jobs.run_batch)


@shared_task(name=HAND_OVER_TASK)
def hand_over() -> None:
    drain(HandOver, hand_overs.run)
