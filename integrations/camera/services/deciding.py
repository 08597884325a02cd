"""What people put in the place of an engine's verdict: a review decides, a correction overrules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from integrations.camera.engines.contract import EngineFailed, Message
from integrations.camera.models import Analysis, AnalysisState, FieldOrder, Input, Task, TaskOutcome, Visit
from integrations.camera.protocol.outcomes import OutcomeType, WrongValue, coerced
from integrations.camera.services import analysing, orders, telling
from integrations.camera.services.refusals import NotHere, Refusal


class NotInReview(Refusal):
    code, answer = "not_in_review", 409
    title = "This photo does not wait for a person any more; somebody else has decided."


class NotAnalysed(Refusal):
    code, answer = "not_analysed", 409
    title = "This task was not analysed yet, so there is nothing to correct."


class AlreadyCorrected(Refusal):
    code, answer = "already_corrected", 409
    title = "This task was corrected already; a correction is final."


class WrongType(Refusal):
    code, answer = "wrong_type", 422


class MayNotCorrect(Refusal):
    code, answer = "may_not_correct", 403
    title = "Verdicts of this type of photo are not corrected here."


@transaction.atomic
def review(analysis: Analysis, values: Mapping[str, Any], *, by: str, now: datetime) -> Analysis:
    """End a manual review with a value for each task, by its name; a missing one is not decided.

    :raises NotInReview: :raises WrongType: naming the task
    """
    held = _held(analysis)
    try:
        analysing.keep_outcomes(held, held.input.item.order, values)
    except EngineFailed as error:
        raise WrongType(str(error)) from None
    return _decided(held, AnalysisState.DONE, by=by, now=now)


@transaction.atomic
def refuse(analysis: Analysis, messages: Sequence[Message], *, by: str, now: datetime) -> Analysis:
    """End a manual review: the photo cannot be used, and these messages say why. :raises NotInReview:"""
    held = _held(analysis)
    held.conformity_messages = [
        {"severity": each.severity, "code": each.code, "message": each.message} for each in messages
    ]
    return _decided(held, AnalysisState.REFUSED, by=by, now=now)


def _held(analysis: Analysis) -> Analysis:
    """Return the analysis with its order locked. :raises NotInReview:"""
    order = orders.lock(analysis.input.item.order_id)
    row = Analysis.objects.select_related("input__item__group").get(pk=analysis.pk)
    if row.state != AnalysisState.REVIEW:
        raise NotInReview
    row.input.item.order = order
    return row


def _decided(row: Analysis, state: AnalysisState, *, by: str, now: datetime) -> Analysis:
    row.state, row.finished_at, row.note = state, now, f"Decided by {by}."
    row.save(update_fields=["state", "finished_at", "note", "conformity_messages"])
    analysing.count(row, row.input.item.order, now=now)
    return row


@transaction.atomic
def correct(photo: Input, task: str, value: Any, *, by: str, now: datetime, visit: Visit | None = None) -> TaskOutcome:
    """Put a person's value over the outcome of a task, named by its name or id, in the photo's last analysis.

    It is final; the same value again changes nothing. `by`: shown in the admin.
    :raises NotAnalysed: :raises AlreadyCorrected: :raises WrongType: :raises NotHere: for a task that it does not have
    """
    order = orders.lock(photo.item.order_id)
    photo.item.order = order
    outcome = _outcome(photo, task)
    try:
        corrected = coerced(value, of=OutcomeType(outcome.task.outcome_type))
    except WrongValue as error:
        raise WrongType(str(error)) from None
    if outcome.corrected_at is not None:
        if outcome.corrected_value == corrected:
            return outcome
        raise AlreadyCorrected
    outcome.corrected_value, outcome.corrected_by, outcome.corrected_at = corrected, by[:150], now
    outcome.save(update_fields=["corrected_value", "corrected_by", "corrected_at"])
    if visit:
        Visit.objects.filter(pk=visit.pk).update(corrected=True)
    analysing.recompute(order, photo.item, now=now)
    told = {"input": str(photo.uuid), "task": outcome.task.name, "value": corrected}
    telling.tell_of_item(photo.item, telling.CORRECTED, told=told, occurred_at=now)
    return outcome


@transaction.atomic
def correct_task(order: FieldOrder, task: UUID, value: Any, *, by: str, now: datetime) -> TaskOutcome:
    """Correct a task of an order, named by its id in the order's catalogue, where it was analysed last.

    :raises ReadOnly: :raises NotHere: :raises NotAnalysed: and as `correct`
    """
    orders.check_open(orders.lock(order.pk))
    named = Task.objects.filter(group__version=order.version_id, uuid=task).first()
    if named is None:
        raise NotHere
    rows = TaskOutcome.objects.filter(
        task=named, analysis__state=AnalysisState.DONE, analysis__input__item__order=order
    )
    last = rows.order_by("-analysis__input", "-analysis").select_related("analysis__input__item__group").first()
    if last is None:
        raise NotAnalysed
    return correct(last.analysis.input, str(named.uuid), value, by=by, now=now)


def _outcome(photo: Input, task: str) -> TaskOutcome:
    """Return the outcome of a task in the last analysis that has outcomes. :raises NotAnalysed: :raises NotHere:"""
    tasks = {name for pair in photo.item.group.tasks.values_list("name", "uuid") for name in map(str, pair)}
    if task not in tasks:
        raise NotHere
    last = photo.analyses.filter(state=AnalysisState.DONE).order_by("-pk").first()
    rows = list(last.outcomes.select_related("task")) if last else []
    for outcome in rows:
        if task in (outcome.task.name, str(outcome.task.uuid)):
            return outcome
    raise NotAnalysed
