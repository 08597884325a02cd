"""Rows as what an engine is given."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from integrations.camera.engines.contract import (
    Earlier,
    GroupFacts,
    OrderFacts,
    Picture,
    TaskFacts,
    Verdict,
)
from integrations.camera.models import Example, FieldOrder, Input, Task, TaskGroup
from integrations.camera.services import facts
from integrations.core import files
from integrations.core.errors import PermanentError
from integrations.workorders import photos
from integrations.workorders.models import Photo

# Duplicates are looked for among so many photos of the site, the newest first.
MOST_EARLIER = 20_000
EARLIER_FOR = timedelta(days=90)


class PhotoGone(PermanentError):
    """The file of the photo is not there any more."""


def picture_of(row: Input) -> Picture:
    """Read the photo and what belongs to it. :raises PhotoGone: :raises StorageFailed:"""
    order = order_facts(row.item.order)
    if row.document:
        content = _read(str(row.document.name))
        return Picture(str(row.uuid), content, row.content_type, row.sha256, 0, 0, order)
    photo = Photo.objects.filter(pk=row.photo_id or 0).first()
    if photo is None:
        raise PhotoGone("The photo was deleted before it was analysed.")
    return Picture(
        uuid=str(row.uuid),
        content=_read(str(photo.file.name)),
        content_type=photo.content_type,
        sha256=row.sha256,
        width=photo.width,
        height=photo.height,
        order=order,
        metadata=photo.metadata,
        link=photos.link(photo),
        earlier=lambda: earlier_than(row),
        language=row.visit.language if row.visit else "en",
    )


def _read(name: str) -> bytes:
    try:
        return files.read(name)
    except FileNotFoundError:
        raise PhotoGone("The file of the photo is missing from the storage.") from None


def order_facts(order: FieldOrder) -> OrderFacts:
    def keep_id(external_id: str) -> None:
        FieldOrder.objects.filter(pk=order.pk).update(external_id=external_id[:120])

    return OrderFacts(
        uuid=str(order.uuid),
        name=order.name,
        metadata=order.metadata,
        type_names=tuple(order.type_names),
        external_id=order.external_id,
        keep_id=keep_id,
    )


def earlier_than(row: Input) -> Sequence[Earlier]:
    """Return the other photos of the site of the last 90 days, the newest first."""
    site = row.item.order.site_id
    found = Input.objects.filter(item__order__site=site, created_at__gt=row.created_at - EARLIER_FOR)
    others = found.exclude(pk=row.pk).exclude(fingerprint="").order_by("-pk")
    columns = ("fingerprint", "uuid", "item_id", "item__order_id")
    return [
        Earlier(fingerprint, str(uuid), same_item=item_id == row.item_id, same_order=order_id == row.item.order_id)
        for fingerprint, uuid, item_id, order_id in others.values_list(*columns)[:MOST_EARLIER]
    ]


def group_of(row: Input) -> GroupFacts:
    """Return the type of photo, with the tasks that the order's types ask for."""
    return group_facts(row.item.group, row.item.order)


def group_facts(group: TaskGroup, order: FieldOrder) -> GroupFacts:
    return GroupFacts(
        uuid=str(group.uuid),
        name=group.name,
        checks=group.checks,
        settings=group.engine_settings,
        tasks=tuple(_task(task) for task in facts.tasks_for(order, group)),
        examples=tuple(_reader(example) for example in group.examples.all()),
    )


def _task(task: Task) -> TaskFacts:
    return TaskFacts(
        uuid=str(task.uuid),
        name=task.name,
        outcome_type=task.outcome_type,
        sentences=task.sentences,
        rules=task.rules(),
        mandatory=task.mandatory,
        only_for_dashboard=task.only_for_dashboard,
        conformity_status=task.conformity_status,
    )


def _reader(example: Example) -> Callable[[], bytes]:
    return lambda: _read(str(example.file.name))


def together(checked: Verdict, decided: Verdict) -> Verdict:
    """Return both levels as one verdict: messages and measures of both, the rest of the second."""
    return replace(
        decided,
        messages=(*checked.messages, *decided.messages),
        measures={**checked.measures, **decided.measures},
        fingerprint=decided.fingerprint or checked.fingerprint,
    )
