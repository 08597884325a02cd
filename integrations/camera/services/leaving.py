"""The way back to the field app: decided by the protocol's table, kept as a row; and who never went it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations.camera.models import (
    HAND_OVER_TASK,
    Analysis,
    AnalysisState,
    Callback,
    HandOver,
    Input,
    Scenario,
    Visit,
    WorkItem,
)
from integrations.camera.protocol import callbacks, leaving, pages
from integrations.camera.protocol.messages import Message
from integrations.camera.services import facts, telling, visiting
from integrations.camera.services.refusals import Malformed
from integrations.core.wake import wake

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """How the user left, as the page knows it.

    `went_on`: in spite of warnings; `waiting`: the device holds a photo that is not here yet.
    """

    reason: leaving.Reason
    went_on: bool = False
    waiting: bool = False


def reason_of(text: str) -> leaving.Reason:
    """:raises Malformed:"""
    try:
        return leaving.Reason(text)
    except ValueError:
        raise Malformed(f"The reason is one of {', '.join(leaving.Reason)}.") from None


def leave(visit: Visit, ended: Ended, *, now: datetime) -> Callback:
    """Decide what the field app is told, keep it and return it; the same way back twice is one row."""
    item = _item_of(visit)
    left = leaving.left(_facts(visit, item, ended), input_id_on_cancel=visit.token.input_id_on_cancel)
    built = callbacks.build(visit.callback, _results(visit, item, left), rules=_rules(visit))
    note = " ".join(filter(None, (visit.callback_refused, built.note)))
    if note:
        logger.info("visit %s: %s", visit.uuid, note)
    return _kept(visit, built.url, left, note=note, now=now)


@transaction.atomic
def _kept(visit: Visit, url: str, left: leaving.Left, *, note: str, now: datetime) -> Callback:
    row = Visit.objects.select_for_update().get(pk=visit.pk)
    Visit.objects.filter(pk=row.pk).update(left_at=now, seen_at=now)
    last = row.callbacks.order_by("-pk").first()
    if last is not None and last.url == url:
        return last
    return Callback.objects.create(
        visit=row,
        url=url,
        status=left.status.value if left.status else "",
        score=left.score,
        input_uuid=left.input_id,
        note=note,
        created_at=now,
    )


def _rules(visit: Visit) -> callbacks.CallbackRules:
    token = visit.token
    return callbacks.CallbackRules(
        error_parameter=token.error_parameter,
        messages_parameter=token.messages_parameter,
        use_fragment=visit.use_fragment,
    )


def _results(visit: Visit, item: WorkItem | None, left: leaving.Left) -> callbacks.Results:
    order = visiting.order_of(visit)
    order.refresh_from_db(fields=["progress_score"])
    whole = visit.scenario == Scenario.ORDER
    return callbacks.Results(
        left,
        work_order_id=order.uuid,
        work_item_id=item.uuid if item else None,
        progress_score=order.progress_score if whole else None,
        state=visit.state,
    )


def _item_of(visit: Visit) -> WorkItem | None:
    """Return the item as it is now."""
    if visit.item_id is None:
        return None
    return WorkItem.objects.select_related("group").prefetch_related("group__tasks").get(pk=visit.item_id)


def _facts(visit: Visit, item: WorkItem | None, ended: Ended) -> leaving.VisitFacts:
    order = visiting.order_of(visit)
    visit.refresh_from_db(fields=["corrected"])
    inputs = Input.objects.filter(item=item).order_by("-number") if item else Input.objects.none()
    last, taken = inputs.first(), inputs.filter(visit=visit).first()
    shown = Input.objects.filter(uuid=visit.input_uuid).first() if visit.input_uuid else last
    return leaving.VisitFacts(
        scenario=pages.Scenario(visit.scenario),
        flow=leaving.Flow(visit.token.flow),
        reason=ended.reason,
        photo=_photo(taken or shown, went_on=ended.went_on),
        item=facts.item_facts(order, item.group, facts.deciding([item]).get(item.pk)) if item else None,
        taken=taken is not None,
        uploading=ended.waiting or (item is not None and visiting.is_uploading(item, visit)),
        corrected=visit.corrected,
        last_input=last.uuid if last else None,
    )


STATES = {
    AnalysisState.RUNNING: leaving.PhotoState.ANALYSING,
    AnalysisState.REVIEW: leaving.PhotoState.REVIEW,
    AnalysisState.REFUSED: leaving.PhotoState.REFUSED,
    AnalysisState.DONE: leaving.PhotoState.DONE,
    AnalysisState.FAILED: leaving.PhotoState.FAILED,
}


def _photo(row: Input | None, *, went_on: bool) -> leaving.PhotoFacts | None:
    if row is None:
        return None
    analysis = row.analyses.order_by("-pk").first()
    state = AnalysisState(analysis.state) if analysis else AnalysisState.RUNNING
    return leaving.PhotoFacts(row.uuid, STATES[state], _messages(analysis), went_on)


def _messages(analysis: Analysis | None) -> tuple[Message, ...]:
    given = analysis.conformity_messages if analysis else []
    return tuple(Message(each["severity"], each["code"], each["message"]) for each in given)


def abandon_due(limit: int) -> int:
    """Note and publish visits whose time is over without a way back; return how many, `limit` at most."""
    now = timezone.now()
    open_ = Visit.objects.filter(left_at__isnull=True, abandoned_at__isnull=True, expires_at__lt=now)
    count = 0
    for pk in list(open_.order_by("expires_at").values_list("pk", flat=True)[:limit]):
        count += 1
        _abandon(pk, now=now)
    return count


@transaction.atomic
def _abandon(pk: int, *, now: datetime) -> None:
    open_ = Visit.objects.filter(pk=pk, left_at__isnull=True, abandoned_at__isnull=True)
    if not open_.update(abandoned_at=now):
        return
    visit = Visit.objects.select_related("order__site").get(pk=pk)
    if visit.order is None:  # it was refused, or its order is gone: there is nothing to miss
        return
    if HandOver.objects.filter(visit=pk).fetch(said={}, now=now):  # who is away may have taken a photo all the same
        wake(HAND_OVER_TASK)
    told = {"visit": str(visit.uuid), "scenario": visit.scenario, "photos": visit.photos}
    telling.tell_of_order(visit.order, telling.ABANDONED, told=told | {"technician": visit.technician}, occurred_at=now)
