"""Workers' loop: claim one due row at a time, just before its work, until none is left or the time is up."""

import logging
import time
from collections.abc import Callable

from integrations.core import clock, wake
from integrations.core.remembered import forget
from integrations.core.work import LeaseLost, Run, RunBatch, Work, kinds, rows_of, task_of

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 10.0


def drain(model: type[Work], run: Run, *, budget: float = BUDGET_SECONDS) -> int:
    """Run `run(claim)` for due rows of `model`, one claimed just before its work; return how many were run.

    Wakes a second worker while more rows wait, and itself again when the budget (seconds) is used up, so that one
    busy kind of work cannot keep the others from this worker.
    """
    return drain_batches(model, lambda claims: run(claims[0]), size=1, budget=budget)


def drain_batches(model: type[Work], run: RunBatch, *, size: int, budget: float = BUDGET_SECONDS) -> int:
    """As `drain`, up to `size` rows at a time: for work that is short, local, and ends with its transaction."""
    task, rows, done, ends = task_of(model), rows_of(model), 0, time.monotonic() + budget
    wake.awake(task)
    forget()
    while claims := rows.claim_due(now=clock.now(), limit=size):
        if not done and rows.due(clock.now()).exists():
            wake.wake(task)
        done += len(claims)
        try:
            run(claims)
        except LeaseLost:
            logger.warning("%s %s: the lease was lost, someone else goes on", model._meta.label, claims[0].pk)
        if time.monotonic() > ends:
            wake.wake(task)
            break
    return done


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
