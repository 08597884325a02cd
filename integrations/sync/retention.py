"""How long the ledger is kept: contents, answers and replies half a year, rows (and with them the memory) two years."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.sync.models import OPEN_WRITES, RecordLane, RecordWrite, RecordWriteQuerySet, WriteState


def _ended(before: datetime) -> RecordWriteQuerySet:
    return RecordWrite.objects.exclude(state__in=OPEN_WRITES).filter(created_at__lt=before)


def _with_old_answer(before: datetime) -> RecordWriteQuerySet:
    kept = Q(request__isnull=False) | Q(reply__isnull=False) | Q(given__isnull=False)
    return _ended(before).exclude(state=WriteState.UNSURE).filter(kept).order_by("id")


def _strip(rows: "QuerySet[Any]") -> int:
    whole = {"request": None, "answer": "", "read_back": None, "content": None, "candidates": None}
    return rows.update(**whole, reply=None, given=None)


def _old(before: datetime) -> RecordWriteQuerySet:
    return _ended(before).order_by("id")


def _idle_lanes(before: datetime) -> "QuerySet[Any]":
    lanes = RecordLane.objects.filter(state__in=ENDED_STATES, finished_at__lt=before, writes__isnull=True)
    return lanes.order_by("id")


def register() -> None:
    register_retention(
        Retained(kind="sync.content", label="Contents of writes", days=180, expired=_with_old_answer, strip=_strip)
    )
    register_retention(Retained(kind="sync.write", label="Writes", days=730, expired=_old))
    register_retention(Retained(kind="sync.lane", label="Lanes without writes", days=730, expired=_idle_lanes))
