"""Trials are kept as long as the writes that they made; one that is not restored stays."""

from datetime import datetime

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.readiness.choices import UNRESTORED
from integrations.readiness.models import FieldTrial
from integrations.readiness.models.trials import FieldTrialQuerySet


def _old(before: datetime) -> FieldTrialQuerySet:
    ended = FieldTrial.objects.filter(state__in=ENDED_STATES, finished_at__lt=before)
    return ended.exclude(stage__in=UNRESTORED).order_by("id")


def register() -> None:
    register_retention(Retained(kind="readiness.trial", label="Trials of fields", days=730, expired=_old))
