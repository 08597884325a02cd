from datetime import datetime

from integrations.core.registries import Retained, register_retention
from integrations.events.models import Event, EventQuerySet


def _expired(before: datetime) -> EventQuerySet:
    return Event.objects.numbered().filter(created_at__lt=before).order_by("id")


def register() -> None:
    register_retention(Retained(kind="events.event", label="Events", days=90, expired=_expired))
