from celery import shared_task

from integrations.core.drain import drain
from integrations.scripts import jobs
from integrations.scripts.models import ScriptLane, ScriptTimer


@shared_task(name="scripts.drain")
def drain_lanes() -> None:
    drain(ScriptLane, jobs.run_lane)


@shared_task(name="scripts.tick")
def drain_timers() -> None:
    drain(ScriptTimer, jobs.run_timer)
