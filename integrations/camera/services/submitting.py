"""A photo that a program sends: checked, added to the item of its type, and judged like any other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from integrations.camera import disk
from integrations.camera.models import FieldOrder, Input, TaskGroup, WorkItem
from integrations.camera.services import orders, receiving, uploading
from integrations.camera.services.uploading import DiskFull


def submit(
    order: FieldOrder,
    group: TaskGroup,
    data: bytes,
    *,
    now: datetime,
    uuid: UUID | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Input:
    """Make an input of a photo, or of a PDF where the group takes one; `uuid`: the same one makes it once.

    A type of photo has one item here, which the newest photo decides on: a second photo of it is a retake.
    :raises Refusal: saying what is wrong with the content, or that nothing can be kept just now :raises ReadOnly:
    """
    made_as = uuid or uuid4()
    content = uploading.content_of(data, group)
    try:
        if disk.problem():
            raise DiskFull
        kept = receiving.keep_files(content, now=now)
        with transaction.atomic():
            locked = orders.lock(order.pk)
            orders.check_open(locked)
            item = _item(locked, group, now=now)
            return receiving.receive(
                item,
                uuid=made_as,
                key="",
                content=content,
                visit=None,
                taken_at=None,
                metadata=metadata,
                kept=kept,
                now=now,
            )
    except Exception as error:
        if refusal := uploading.not_now(error):
            raise refusal from error
        raise


def _item(order: FieldOrder, group: TaskGroup, *, now: datetime) -> WorkItem:
    last = WorkItem.objects.filter(order=order, group=group).order_by("-pk").first()
    return last or orders.add_item(order, group, now=now)
