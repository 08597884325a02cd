"""How long is kept what was sent: answers a month, messages with their deliveries a quarter of a year."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.outbox.models import Attempt, Delivery, Destination, Message, Resend


def _old_attempts(before: datetime) -> "QuerySet[Attempt]":
    return Attempt.objects.filter(at__lt=before).order_by("at")


def _old_messages(before: datetime) -> "QuerySet[Message]":
    """Those that nobody waits for any more."""
    waits = Delivery.objects.open().filter(message=OuterRef("pk"))
    return Message.objects.filter(~Exists(waits), created_at__lt=before).order_by("created_at")


def _delete_messages(rows: "QuerySet[Message]") -> int:
    """Delete them with what hangs on them, each kind in one statement."""
    Attempt.objects.filter(delivery__message__in=rows).delete()
    Delivery.objects.filter(message__in=rows)._raw_delete("default")
    return rows.delete()[0]


def _forgotten(before: datetime) -> "QuerySet[Destination]":
    """Deleted destinations of which no log is left."""
    logged = Delivery.objects.filter(destination=OuterRef("pk"))
    return Destination.objects.filter(~Exists(logged), retired_at__lt=before).order_by("id")


def _old_resends(before: datetime) -> "QuerySet[Resend]":
    return Resend.objects.filter(state__in=ENDED_STATES, created_at__lt=before).order_by("id")


def register() -> None:
    for kind in (
        Retained(kind="outbox.attempt", label="Attempts to deliver", days=30, expired=_old_attempts),
        Retained(kind="outbox.message", label="Messages sent", days=90, expired=_old_messages, strip=_delete_messages),
        Retained(kind="outbox.destination", label="Deleted destinations", days=90, expired=_forgotten),
        Retained(kind="outbox.resend", label="Resends", days=365, expired=_old_resends),
    ):
        register_retention(kind)
