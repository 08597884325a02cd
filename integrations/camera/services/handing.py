"""Users handed over to the vendor's own camera: sent on, taken back, and told on as if nothing stood between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from integrations.camera.engines import contract
from integrations.camera.engines.contract import EngineFailed, HandsOver, Journey, Opening, Returned
from integrations.camera.models import (
    HAND_OVER_TASK,
    Analysis,
    Callback,
    Engine,
    HandOver,
    Input,
    Phase,
    Visit,
    WorkItem,
)
from integrations.camera.protocol.leaving import Reason
from integrations.camera.protocol.verdicts import Status
from integrations.camera.services import analysing, leaving, orders, pictures, receiving, uploading, visiting
from integrations.camera.services.refusals import NotHere
from integrations.core.signing import equal
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState

SALT = "integrations.camera.hand_over"
BROUGHT = "vendor-"
# What a callback may say (vendor sheet, 2.4); the rest is not even noted.
SAID = ("work_order_id", "work_item_id", "input_id", "status", "work_item_score", "conformity_messages")
LONGEST_SAID = 500
# What the user saw over there may not be readable at once; what a forged hint names never is.
PATIENT_FOR = timedelta(minutes=2)


def hands_over(item: WorkItem, visit: Visit) -> bool:
    """Say whether the photo of an item is taken with the vendor's camera; not after that has failed in this visit."""
    if item.group.engine != Engine.HAND_OVER:
        return False
    last = _last(visit, item)
    return last is None or last.state != WorkState.FAILED or last.phase != Phase.GOING


def begin(visit: Visit, item: WorkItem, *, now: datetime) -> HandOver:
    """Send the user of a visit on; one way at a time, also for a page that asks again. :raises NotHere:"""
    if not hands_over(item, visit):
        raise NotHere
    with transaction.atomic():
        orders.lock(item.order_id)
        last = _last(visit, item)
        if last is not None and (last.phase != Phase.OVER or visit.left_at is not None):
            return last
        made = HandOver.objects.create(visit=visit, item=item, subject=visit.subject, due_at=now)
        wake(HAND_OVER_TASK)
    return made


def _last(visit: Visit, item: WorkItem) -> HandOver | None:
    return HandOver.objects.filter(visit=visit, item=item).order_by("-pk").first()


def find(visit: Visit, uuid: UUID) -> HandOver:
    """:raises NotHere: also for those of other visits"""
    rows = HandOver.objects.select_related("item__group__engine_connection", "item__order", "photo")
    found = rows.filter(visit=visit, uuid=uuid).first()
    if found is None:
        raise NotHere
    found.visit, found.item.order = visit, visiting.order_of(visit)
    return found


def key_of(row: HandOver) -> str:
    """Return the part of the address to come back by that nobody can guess."""
    return _secret("key", row)


def state_of(row: HandOver) -> str:
    """Return what the vendor gives back unchanged."""
    return _secret("state", row)


def _secret(what: str, row: HandOver) -> str:
    return salted_hmac(f"{SALT}.{what}", str(row.uuid), algorithm="sha256").hexdigest()[:40]


def path_of(row: HandOver) -> str:
    """Return the path to come back by: nobody can guess it, and it leads to this hand-over alone."""
    return reverse("camera:hand_over_back", args=[row.visit.uuid, row.uuid, key_of(row)])


def address_of(row: HandOver) -> str:
    """Return where the browser goes; it may hold the vendor's token. :raises FieldportError:"""
    return engine_of(row, claim=None).hand_over(journey_of(row))


def engine_of(row: HandOver, *, claim: Claim | None) -> HandsOver:
    """:raises EngineFailed: if there is none that hands over"""
    engine = contract.engine_for(Engine.HAND_OVER, Opening(row.item.group.engine_connection, claim))
    if not isinstance(engine, HandsOver):
        raise EngineFailed("No engine that hands users over is installed.")
    return engine


def journey_of(row: HandOver, *, now: datetime | None = None) -> Journey:
    brought = Input.objects.filter(item__order=row.item.order_id, client_key__startswith=BROUGHT)
    keys = brought.values_list("client_key", flat=True)
    return Journey(
        order=pictures.order_facts(row.item.order),
        group=pictures.group_facts(row.item.group, row.item.order),
        callback=f"{settings.PUBLIC_URL}{path_of(row)}",
        state=state_of(row),
        marks=row.marks,
        said=row.said,
        known=[key.removeprefix(BROUGHT) for key in keys],
        patient=bool(now and row.back_at and row.said and now - row.back_at < PATIENT_FOR),
    )


def note_opened(row: HandOver, *, now: datetime) -> bool:
    """Note that the browser is sent on; False if it was before: then the user has come here by the back button."""
    return bool(HandOver.objects.filter(pk=row.pk, opened_at__isnull=True).update(opened_at=now))


def come_back(row: HandOver, *, key: str, said: Mapping[str, str], now: datetime) -> None:
    """Take a browser back, once; what it brings is noted and not believed. :raises NotHere: for a forged address"""
    if not equal(key, key_of(row)) or not equal(said.get("state", ""), state_of(row)):
        raise NotHere
    kept = {name: said[name][:LONGEST_SAID] for name in SAID if said.get(name)}
    if HandOver.objects.filter(pk=row.pk).fetch(said=kept, now=now):
        wake(HAND_OVER_TASK)


def keep(row: HandOver, claim: Claim, returned: Sequence[Returned], *, now: datetime) -> None:
    """Store what was taken over there like any other photo, with its verdict, and end the work.

    :raises Refusal: :raises StorageFailed:
    """
    brought = [_Brought.of(row, each, now=now) for each in returned if not _is_here(row, each)]
    with transaction.atomic():
        order = orders.lock(row.item.order_id)
        row.item.order = order
        photo = None
        for each in brought:
            photo = _received(row, each, now=now) or photo
        values = {"phase": Phase.OVER, "photo": photo and photo.pk, "step": "", "subject": order.subject}
        if not HandOver.objects.finish(claim, state=WorkState.DONE, note="", **values):
            raise LeaseLost


@dataclass(frozen=True)
class _Brought:
    """A photo of the vendor's, checked, with its files, which no row names yet."""

    taken: Returned
    uuid: UUID
    content: receiving.Content
    kept: receiving.Kept

    @classmethod
    def of(cls, row: HandOver, taken: Returned, *, now: datetime) -> Self:
        uuid, content = uuid5(row.uuid, taken.external_id), uploading.content_of(taken.content, row.item.group)
        return cls(taken, uuid, content, receiving.keep_files(content, now=now))


def _key_of(taken: Returned) -> str:
    return f"{BROUGHT}{taken.external_id}"[:64]


def _is_here(row: HandOver, taken: Returned) -> bool:
    """Whether another way back has brought it."""
    return Input.objects.filter(item__order=row.item.order_id, client_key=_key_of(taken)).exists()


def _received(row: HandOver, each: _Brought, *, now: datetime) -> Input | None:
    """Make the input with its verdict; None if it is here by now."""
    if _is_here(row, each.taken):
        return None
    made = receiving.receive(
        row.item,
        uuid=each.uuid,
        key=_key_of(each.taken),
        content=each.content,
        kept=each.kept,
        visit=row.visit,
        taken_at=None,
        now=now,
        analyse=False,
    )
    analysis = Analysis.objects.create(input=made, engine=Engine.HAND_OVER, created_at=now)
    analysing.settle(analysis, row.item.order, each.taken.verdict, now=now)
    return made


def leave(row: HandOver, visit: Visit, *, now: datetime) -> Callback:
    """Tell the field app, from what is stored; before that is there: without a status."""
    if row.phase != Phase.OVER:
        ended = leaving.Ended(Reason.LATER)
    elif row.photo is None:
        ended = leaving.Ended(Reason.CANCEL)
    elif _went_back(row.said):
        ended = leaving.Ended(Reason.BACK)
    else:
        ended = leaving.Ended(Reason.DONE, went_on=True)
    return leaving.leave(visit, ended, now=now)


def _went_back(said: Mapping[str, str]) -> bool:
    """Whether the user left the vendor's problem screen: of what they did only the browser can tell."""
    status = said.get("status", "")
    return status == Status.CONFORMITY or "::" in status
