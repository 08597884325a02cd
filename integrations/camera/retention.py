"""How long the camera keeps things: visits half a year, orders with their photos' verdicts two years."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from integrations.camera.models import Batch, BatchState, FieldOrder, Input, Visit
from integrations.core import files
from integrations.core.registries import Retained, register_retention
from integrations.workorders import photos
from integrations.workorders.models import Photo


def _old_visits(before: datetime) -> "QuerySet[Visit]":
    return Visit.objects.filter(arrived_at__lt=before).order_by("id")


def _old_batches(before: datetime) -> "QuerySet[Batch]":
    ended = Batch.objects.filter(state__in=(BatchState.DONE, BatchState.FAILED), changed_at__lt=before)
    return ended.order_by("id")


def _old_orders(before: datetime) -> "QuerySet[FieldOrder]":
    return FieldOrder.objects.filter(changed_at__lt=before).order_by("id")


def _remove_orders(rows: "QuerySet[Any]") -> int:
    """Delete orders with their photos and PDFs; the rows go first, so that no row ever points to nothing."""
    inputs = Input.objects.filter(item__order__in=rows)
    kept = list(Photo.objects.filter(pk__in=inputs.exclude(photo_id=None).values("photo_id")))
    documents = [str(name) for name in inputs.exclude(document="").values_list("document", flat=True)]
    count = rows.count()
    FieldOrder.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
    for photo in kept:
        photos.remove(photo)
    for name in documents:
        files.delete(name)
    return count


def register() -> None:
    register_retention(Retained(kind="camera.visit", label="Camera visits", days=180, expired=_old_visits))
    register_retention(Retained(kind="camera.batch", label="Camera batches", days=90, expired=_old_batches))
    orders = Retained(kind="camera.order", label="Camera orders", days=730, expired=_old_orders, strip=_remove_orders)
    register_retention(replace(orders, batch=20))
