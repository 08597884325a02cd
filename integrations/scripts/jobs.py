"""The lane of a script: its runs in order, one at a time, each tried in the sandbox and ended with its store."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from integrations.core import clock, cron
from integrations.core.errors import FieldportError, TransientError
from integrations.core.ids import correlated
from integrations.core.safe_json import storable
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.scripts import guard, inputs, services
from integrations.scripts.hosting.host import RunHost
from integrations.scripts.hosting.journal import Streamed
from integrations.scripts.hosting.writing import LiveWriter
from integrations.scripts.memory import Memory, StoreRefused
from integrations.scripts.models import DRAIN_TASK, RunState, Script, ScriptLane, ScriptRun, ScriptTimer, ScriptVersion
from integrations.scripts.outcomes import Outcome, outcome_of
from integrations.scripts.sandbox import Ending, Finished
from integrations.scripts.trial import limits_of, program_of
from integrations.sync.expressions import ExpressionError, holds

logger = logging.getLogger(__name__)

BATCH = 20
AGAIN_AFTER = timedelta(seconds=30)


class _Held(Exception):
    """The lane stops here until `due_at`; `failed`: because a try failed."""

    def __init__(self, note: str, *, due_at: datetime, failed: bool) -> None:
        super().__init__(note)
        self.due_at = due_at
        self.failed = failed


def run_lane(claim: Claim) -> None:
    """Drain a lane; it ends DONE, or waits until its next run is due. :raises LeaseLost:"""
    lane: ScriptLane = claim.row
    runs = list(lane.runs.open().order_by("pk")[:BATCH])
    try:
        for run in runs:
            with correlated(run.correlation_id):
                run.script = lane.script
                _advance(claim, run)
            if lane.script.pace_seconds:
                break
    except _Held as held:
        rows = ScriptLane.objects.all()
        put = rows.retry if held.failed else rows.rest
        put(claim, due_at=held.due_at, note=str(held))
        _wake_at(held.due_at)
    else:
        _leave(claim, lane)


def _leave(claim: Claim, lane: ScriptLane) -> None:
    pace = timedelta(seconds=lane.script.pace_seconds)
    next_at = clock.now() + pace
    if lane.runs.open().exists():
        ScriptLane.objects.all().rest(claim, due_at=next_at, note="")
        _wake_at(next_at)
    else:
        ScriptLane.objects.all().finish(claim, state=WorkState.DONE, not_before=next_at if pace else None)


def _wake_at(due_at: datetime) -> None:
    wake(DRAIN_TASK, countdown=max(0.0, (due_at - clock.now()).total_seconds()))


def _advance(claim: Claim, run: ScriptRun) -> None:
    """Bring one run on. What fails for good is passed over; what may pass holds the lane. :raises _Held:"""
    now, tries = clock.now(), run.attempts
    if run.due_at > now:
        raise _Held(run.note, due_at=run.due_at, failed=run.attempts > 0)
    claim.renew(now=now)
    if reason := _unwanted(run):
        _end(claim, run, Outcome(RunState.SKIPPED, reason))
        return
    try:
        _prepare(run, now=now)
        _try(claim, run)
    except (LeaseLost, OperationalError, InterfaceError, _Held):
        raise
    except TransientError as error:
        _again(claim, run, str(error), tries=tries)
    except (FieldportError, ExpressionError) as error:
        _end(claim, run, Outcome(RunState.FAILED, str(error)))
    except Exception as error:
        logger.exception("run %s failed inside", run.pk)
        note = f"Internal error, {type(error).__name__}: {error}. The worker's log has more."
        _end(claim, run, Outcome(RunState.FAILED, note))


def _unwanted(run: ScriptRun) -> str:
    if not run.script.enabled:
        return f"The script “{run.script}” is switched off. Switch it on and replay the run."
    if run.version_id is None and run.script.active_version_id is None:
        return f"No version of “{run.script}” is published. Publish one and replay the run."
    return ""


def _prepare(run: ScriptRun, *, now: datetime) -> None:
    """Count the try; at the first one keep the version and the input, so that every later one sees the same."""
    if run.collecting:
        ScriptRun.objects.filter(pk=run.pk, collecting=True).update(collecting=False)
        run.refresh_from_db(fields=["collected", "collecting"])
    run.outgoing.filter(attempt__gt=run.attempts).delete()  # of a try that did not count, or before a replay
    values: dict[str, Any] = {"attempts": run.attempts + 1, "started_at": now, "note": "", "error": None, "logs": []}
    if run.input is None or run.version_id is None:
        values |= {"version": run.version or run.script.active_version, "first_tried_at": now}
        values["input"] = storable(inputs.input_of(run))
    _set(run, **values)


def _try(claim: Claim, run: ScriptRun) -> None:
    if not _is_wanted(run):
        _end(claim, run, Outcome(RunState.SKIPPED, f"The script's condition is not met: {run.script.condition}"))
        return
    now, version = clock.now(), _version_of(run)
    memory, journal = Memory(run.script, now), Streamed(run=run)
    host = RunHost(run, run.input or {}, LiveWriter(), memory, journal, claim)
    given = {**host.given, **inputs.per_try(run, now=now, dry_run=False), **_names(host)}
    program = program_of(version)
    finished = guard.sandbox().run(program, input=given, host=host, limits=limits_of(run.script), match=True)
    if isinstance(finished.cause, LeaseLost):
        raise finished.cause
    journal.write_calls()
    since = run.first_tried_at or now
    outcome = outcome_of(finished, tries=run.attempts, since=since, now=clock.now())
    _end(claim, run, outcome, finished=_masked(host, finished), memory=memory, logs=journal.logs)


def _is_wanted(run: ScriptRun) -> bool:
    """Say whether the condition holds, for a batch on any of its sources. :raises ExpressionError:"""
    if not run.script.condition or run.attempts > 1:
        return True
    given = run.input or {}
    return any(holds(run.script.condition, each["facts"]) for each in given.get("sources") or [given])


def _version_of(run: ScriptRun) -> ScriptVersion:
    assert run.version is not None
    return run.version


def _names(host: RunHost) -> dict[str, Any]:
    return {"secrets": host.secrets.placeholders, "connections": sorted(host.grants)}


@dataclass(frozen=True)
class _Shown:
    """What is kept of a try, masked."""

    ending: str
    result: Any
    error: dict[str, Any] | None
    note: str
    cpu_seconds: float
    wall_seconds: float


def _masked(host: RunHost, finished: Finished) -> _Shown:
    error = finished.error
    told = {"name": error.name, "message": error.message, "line": error.line, "stack": error.stack} if error else None
    mask = host.secrets.mask
    return _Shown(
        ending=str(finished.ending),
        result=storable(mask(finished.value)) if finished.ending == Ending.RETURNED else None,
        error=storable(mask(told)),
        note=finished.note,
        cpu_seconds=finished.cpu_seconds,
        wall_seconds=finished.wall_seconds,
    )


def _end(
    claim: Claim,
    run: ScriptRun,
    outcome: Outcome,
    *,
    finished: _Shown | None = None,
    memory: Memory | None = None,
    logs: list[Any] | None = None,
) -> None:
    """Write what came of a try; the store's changes commit with it, and only while the lane is ours.

    :raises LeaseLost: and then nothing is written :raises _Held: if the run is to be tried again
    """
    values: dict[str, Any] = {"state": outcome.state, "note": outcome.note}
    if finished is not None:
        values |= {"ending": finished.ending, "result": finished.result, "error": finished.error, "logs": logs or []}
        values |= {"cpu_seconds": finished.cpu_seconds, "wall_seconds": finished.wall_seconds}
    if outcome.state == RunState.WAITING:
        values |= {"due_at": outcome.due_at}
        if outcome.uncounted:
            values["attempts"] = run.attempts - 1
    else:
        values |= {"ended_at": clock.now()}
    try:
        with transaction.atomic():
            claim.renew(now=clock.now())
            if memory is not None and outcome.keeps:
                memory.commit()
            _set(run, **values)
    except StoreRefused as error:
        _end(claim, run, Outcome(RunState.FAILED, str(error)), finished=finished, logs=logs)
        return
    if outcome.state == RunState.WAITING:
        raise _Held(outcome.note, due_at=outcome.due_at or clock.now(), failed=not outcome.uncounted)


def _again(claim: Claim, run: ScriptRun, note: str, *, tries: int) -> None:
    """Something of ours failed for now, such as the sandbox; that is no try of the script. :raises _Held:"""
    run.attempts = tries + 1
    _end(claim, run, Outcome(RunState.WAITING, note, clock.now() + AGAIN_AFTER, uncounted=True))


def _set(run: ScriptRun, **values: Any) -> None:
    ScriptRun.objects.filter(pk=run.pk).update(**values)
    for name, value in values.items():
        setattr(run, name, value)


def run_timer(claim: Claim) -> None:
    """Start the scheduled run of a script and set its timer on to the next time."""
    timer: ScriptTimer = claim.row
    script, now = Script.objects.get(pk=timer.script_id), clock.now()
    if not script.enabled or not script.cron:
        ScriptTimer.objects.all().finish(claim, state=WorkState.SKIPPED, note="The script has no schedule.")
        return
    next_at = cron.next_times(script.cron, zone=script.time_zone, after=now)[0]
    with transaction.atomic():
        claim.renew(now=now)
        if script.active_version_id is not None:
            services.start_scheduled(script, now=now)
        ScriptTimer.objects.all().put_back(claim, due_at=next_at, note="")
