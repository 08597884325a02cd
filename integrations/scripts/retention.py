"""How long runs are kept: input, logs and calls a month, the rows half a year."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.scripts.models import RunState, ScriptCall, ScriptLane, ScriptRun, ScriptValue


def _ended(before: datetime) -> "QuerySet[ScriptRun]":
    return ScriptRun.objects.exclude(state=RunState.WAITING).filter(created_at__lt=before).order_by("id")


def _with_input(before: datetime) -> "QuerySet[Any]":
    return _ended(before).filter(input__isnull=False)


def _strip(rows: "QuerySet[Any]") -> int:
    ScriptCall.objects.filter(run__in=rows.values("pk")).delete()
    return rows.update(input=None, logs=[], result=None)


def _idle_lanes(before: datetime) -> "QuerySet[Any]":
    lanes = ScriptLane.objects.filter(state__in=ENDED_STATES, finished_at__lt=before, runs__isnull=True)
    return lanes.order_by("id")


def _expired_values(before: datetime) -> "QuerySet[Any]":
    return ScriptValue.objects.filter(expires_at__lt=before).order_by("id")


def register() -> None:
    register_retention(
        Retained(kind="scripts.input", label="Inputs and logs of runs", days=30, expired=_with_input, strip=_strip)
    )
    register_retention(Retained(kind="scripts.run", label="Runs of scripts", days=180, expired=_ended))
    register_retention(Retained(kind="scripts.lane", label="Script lanes without runs", days=180, expired=_idle_lanes))
    register_retention(Retained(kind="scripts.value", label="Expired values", days=1, expired=_expired_values))
