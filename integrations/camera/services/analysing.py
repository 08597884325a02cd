"""What came of an analysis: stored, counted on the item and its order, published; one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from integrations.camera.engines.contract import ERROR, EngineFailed, Message, Verdict
from integrations.camera.models import (
    Analysis,
    AnalysisRun,
    AnalysisState,
    FieldOrder,
    Input,
    Task,
    TaskGroup,
    TaskOutcome,
    WorkItem,
)
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.outcomes import OutcomeType, WrongValue, coerced
from integrations.camera.services import facts, orders, receiving, telling
from integrations.camera.services.refusals import Refusal
from integrations.core.work import Claim, LeaseLost, WorkState

FINISHED = (AnalysisState.DONE, AnalysisState.REFUSED)
NOTE_OF_REVIEW = "A person decides."
THERE = "the engine's own page"


class NotFailed(Refusal):
    code, answer = "not_failed", 409
    title = "This photo is analysed already, or will be soon."


def is_refused(verdict: Verdict) -> bool:
    """Say whether the photo must be retaken."""
    return any(message.severity == ERROR for message in verdict.messages)


def finish(claim: Claim, analysis: Analysis, verdict: Verdict, *, now: datetime) -> None:
    """Store what the engines said, and end the work.

    :raises LeaseLost: and then nothing is written :raises EngineFailed: for a value of the wrong type
    """
    with transaction.atomic():
        order = _begin(claim, analysis)
        settle(analysis, order, verdict, now=now)
        note = NOTE_OF_REVIEW if analysis.state == AnalysisState.REVIEW else ""
        _finish_run(claim, WorkState.DONE, note, subject=order.subject)


def settle(analysis: Analysis, order: FieldOrder, verdict: Verdict, *, now: datetime) -> None:
    """Store a verdict; the caller holds the order's lock. :raises EngineFailed: for a value of the wrong type"""
    _note_measures(analysis.input, verdict)
    analysis.conformity_messages = [_written(message) for message in verdict.messages]
    analysis.external_id, analysis.note = verdict.external_id[:120], verdict.note
    if is_refused(verdict):
        _end(analysis, AnalysisState.REFUSED, now=now)
    elif verdict.review:
        _end(analysis, AnalysisState.REVIEW, now=None)
    else:
        _keep_said(analysis, order, verdict, now=now)
        _end(analysis, AnalysisState.DONE, now=now)
    if analysis.state in FINISHED:
        count(analysis, order, now=now)


def _keep_said(analysis: Analysis, order: FieldOrder, verdict: Verdict, *, now: datetime) -> None:
    values = {outcome.task: outcome.value for outcome in verdict.outcomes}
    regions = {outcome.task: outcome.regions for outcome in verdict.outcomes}
    keep_outcomes(analysis, order, values, regions=regions)
    for said in verdict.outcomes:
        if said.corrected is not None:
            row = analysis.outcomes.select_related("task").filter(task__name=said.task).first()
            if row:
                row.corrected_value, row.corrected_by, row.corrected_at = _fitting(row.task, said.corrected), THERE, now
                row.save(update_fields=["corrected_value", "corrected_by", "corrected_at"])


def fail(claim: Claim, analysis: Analysis, note: str, *, now: datetime) -> None:
    """End an analysis that cannot be made; the photo stays. :raises LeaseLost:"""
    with transaction.atomic():
        order = _begin(claim, analysis)
        analysis.note = note
        _end(analysis, AnalysisState.FAILED, now=now)
        _finish_run(claim, WorkState.FAILED, note, subject=order.subject)


def _begin(claim: Claim, analysis: Analysis) -> FieldOrder:
    """Lock the order, then see that the work is still ours: nobody else ends this analysis."""
    order = orders.lock(analysis.input.item.order_id)
    analysis.input.item.order = order
    if not AnalysisRun.objects.held(claim).exists():
        raise LeaseLost
    return order


def _finish_run(claim: Claim, state: WorkState, note: str, *, subject: str) -> None:
    if not AnalysisRun.objects.finish(claim, state=state, note=note, subject=subject, step=""):
        raise LeaseLost


def _note_measures(photo: Input, verdict: Verdict) -> None:
    if verdict.measures or verdict.fingerprint:
        measured = {"measures": dict(verdict.measures), "fingerprint": verdict.fingerprint[:32]}
        Input.objects.filter(pk=photo.pk).update(**measured)


def _written(message: Message) -> dict[str, str]:
    return {"severity": message.severity, "code": message.code, "message": message.message}


def _end(analysis: Analysis, state: AnalysisState, *, now: datetime | None) -> None:
    analysis.state, analysis.finished_at = state, now
    analysis.save(update_fields=["state", "finished_at", "conformity_messages", "external_id", "note"])


def keep_outcomes(
    analysis: Analysis,
    order: FieldOrder,
    values: Mapping[str, Any],
    *,
    regions: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Store a value for each task that applies; None for those that nobody decided.

    :raises EngineFailed: for a value that does not fit its task
    """
    tasks = facts.tasks_for(order, analysis.input.item.group)
    TaskOutcome.objects.bulk_create(
        TaskOutcome(
            analysis=analysis,
            task=task,
            analyzed_value=_fitting(task, values.get(task.name)),
            regions=list((regions or {}).get(task.name, ())),
        )
        for task in tasks
    )


def _fitting(task: Task, value: Any) -> Any:
    try:
        return None if value is None else coerced(value, of=OutcomeType(task.outcome_type))
    except WrongValue as error:
        raise EngineFailed(f"The value of the task {task.name!r} cannot be used. {error}") from None


def count(analysis: Analysis, order: FieldOrder, *, now: datetime) -> None:
    """Bring item and order up to date after an analysis has finished, and publish it."""
    item = analysis.input.item
    recompute(order, item, now=now)
    telling.tell_of_item(item, telling.FINISHED, told=told_of(analysis), occurred_at=now)


def told_of(analysis: Analysis) -> dict[str, str]:
    return {"input": str(analysis.input.uuid), "analysis": str(analysis.uuid), "state": analysis.state.lower()}


def recompute(order: FieldOrder, item: WorkItem, *, now: datetime) -> None:
    """Set status and score of an item, and the progress of its order, from the values that count.

    The caller holds the order's lock.
    """
    items = list(order.items.select_related("group").prefetch_related("group__tasks"))
    deciding = facts.deciding(items)
    known = {each.pk: facts.item_facts(order, each.group, deciding.get(each.pk)) for each in items}
    if item.pk in deciding:
        item.status, item.score = verdicts.status(known[item.pk]).value, verdicts.score(known[item.pk])
    item.changed_at = now
    item.save(update_fields=["status", "score", "changed_at"])
    seen = {each.group_id for each in items}
    groups = TaskGroup.objects.filter(version=order.version_id).exclude(pk__in=seen).prefetch_related("tasks")
    expected = [facts.item_facts(order, group, None) for group in groups]
    order.progress_score, order.changed_at = verdicts.progress([*known.values(), *expected]), now
    order.save(update_fields=["progress_score", "changed_at"])


def analyse_again(photo: Input, *, now: datetime, anyway: bool = False) -> Analysis:
    """Let a photo be analysed again after its analysis failed; `anyway`: whatever came of it, as the admin may.

    :raises NotFailed: if its last analysis did not fail
    """
    with transaction.atomic():
        order = orders.lock(photo.item.order_id)
        last = photo.analyses.order_by("-pk").first()
        if last and last.state != AnalysisState.FAILED and (not anyway or last.state == AnalysisState.RUNNING):
            raise NotFailed
        return receiving.start_analysis(photo, order, now=now)
