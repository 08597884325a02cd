from datetime import datetime

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES, WorkQuerySet
from integrations.platforms.omni.models import Recognition


def _expired(before: datetime) -> WorkQuerySet[Recognition]:
    return Recognition.objects.filter(state__in=ENDED_STATES, created_at__lt=before).order_by("pk")


def register() -> None:
    register_retention(Retained(kind="omni.recognition", label="Recognitions", days=90, expired=_expired))
