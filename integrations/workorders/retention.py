"""How long the centre keeps things: photos and joins two years, work orders as long as anything hangs on them."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.workorders.models import Join, Photo, WorkOrder
from integrations.workorders.photos import remove


def _old_photos(before: datetime) -> "QuerySet[Photo]":
    return Photo.objects.filter(created_at__lt=before).order_by("id")


def _remove(photos: "QuerySet[Photo]") -> int:
    found = list(photos)
    for photo in found:
        remove(photo)
    return len(found)


def _old_joins(before: datetime) -> "QuerySet[Join]":
    return Join.objects.filter(occurred_at__lt=before).order_by("id")


def _old_orders(before: datetime) -> "QuerySet[WorkOrder]":
    """Orders that are closed, or were never told of, and that nothing is joined to any more."""
    old = WorkOrder.objects.filter(Q(closed=True) | Q(stub=True), changed_at__lt=before)
    joins, photos = (model.objects.filter(work_order=OuterRef("pk")) for model in (Join, Photo))
    return old.exclude(Exists(joins)).exclude(Exists(photos)).order_by("id")


def register() -> None:
    register_retention(
        Retained(kind="workorders.photo", label="Photos", days=730, expired=_old_photos, strip=_remove, batch=100)
    )
    register_retention(Retained(kind="workorders.join", label="Joins", days=730, expired=_old_joins))
    register_retention(Retained(kind="workorders.workorder", label="Work orders", days=1825, expired=_old_orders))
