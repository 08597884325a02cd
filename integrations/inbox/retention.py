"""How long what was received is kept: bodies a month, rows (and with them the dedupe keys) a year."""

from datetime import datetime

from django.db.models import QuerySet

from integrations.core.registries import Retained, register_retention
from integrations.core.work import ENDED_STATES
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, ReceivedWebhookQuerySet, Replay


def _with_old_body(before: datetime) -> ReceivedWebhookQuerySet:
    ended = ReceivedWebhook.objects.filter(state__in=ENDED_STATES, received_at__lt=before)
    return ended.filter(body_deleted=False).order_by("id")


def _empty(rows: "QuerySet[ReceivedWebhook]") -> int:
    return rows.update(body=b"", headers="[]", body_deleted=True)


def _old(before: datetime) -> ReceivedWebhookQuerySet:
    return ReceivedWebhook.objects.filter(state__in=ENDED_STATES, received_at__lt=before).order_by("id")


def _old_refused(before: datetime) -> "QuerySet[QuarantinedWebhook]":
    return QuarantinedWebhook.objects.filter(received_at__lt=before).order_by("id")


def _old_replays(before: datetime) -> "QuerySet[Replay]":
    return Replay.objects.filter(state__in=ENDED_STATES, created_at__lt=before).order_by("id")


def register() -> None:
    register_retention(
        Retained(kind="inbox.body", label="Webhook bodies", days=30, expired=_with_old_body, strip=_empty)
    )
    register_retention(Retained(kind="inbox.received", label="Received webhooks", days=365, expired=_old))
    register_retention(Retained(kind="inbox.quarantine", label="Quarantined webhooks", days=30, expired=_old_refused))
    register_retention(Retained(kind="inbox.replay", label="Replays", days=365, expired=_old_replays))
