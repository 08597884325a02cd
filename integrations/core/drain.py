"""Workers' loop: claim one due row at a time, just before its work, until none is left or the time is up."""

import logging
import random
import time
from collections.abc import Callable

from integrations.core import clock, wake
from integrations.core.work import LeaseLost, Run, Work, kinds, rows_of, task_of

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 10.0


def drain(model: type[Work], run: Run, *, budget: float = BUDGET_SECONDS) -> int:
    """Run `run(claim)` for due rows of `model`; return how many were run.

    Wakes a second worker while more rows wait, and itself again when the budget (seconds) is used up, so that one
    busy kind of work cannot keep the others from this worker.
    """
    task, done, ends = task_of(model), 0, time.monotonic() + budget
    wake.awake(task)
    while pks := rows_of(model).candidates(now=clock.now()):
        if len(pks) > 1:
            wake.wake(task)
            random.shuffle(pks)
        for pk in pks:
            if time.monotonic() > ends:
                wake.wake(task)
                return done
            done += _run_one(model, run, pk)
    return done


def _run_one(model: type[Work], run: Run, pk: int) -> int:
    claim = rows_of(model).claim(pk, now=clock.now())
    if claim is None:
        return 0
    try:
        run(claim)
    except LeaseLost:
        logger.warning("%s %s: the lease was lost, someone else goes on", model._meta.label, pk)
    return 1


_sweeps: dict[str, Callable[[], bool]] = {}


def register_sweep(task: str, waits: Callable[[], bool]) -> None:
    """Let the sweep hint `task` whenever `waits()`: for work whose rows have no life cycle of their own."""
    _sweeps[task] = waits


def sweep() -> list[str]:
    """Hint every task that has work and end rows whose worker died too often; return the hinted tasks."""
    hinted = [task for task, waits in _sweeps.items() if waits()]
    for kind in kinds():
        rows = rows_of(kind.model)
        rows.fail_dead(now=clock.now())
        if rows.due(clock.now()).exists():
            hinted.append(kind.task)
    for task in hinted:
        wake.wake(task)
    return hinted
