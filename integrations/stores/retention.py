from datetime import datetime

from django.db.models import QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.stores.models import StoreLoad


def _old_loads(before: datetime) -> "QuerySet[StoreLoad]":
    return StoreLoad.objects.filter(state__in=ENDED_STATES, finished_at__lt=before).order_by("id")


def register() -> None:
    register_retention(Retained(kind="stores.load", label="Loads into data stores", days=90, expired=_old_loads))
