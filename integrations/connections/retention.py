"""How long connections keep what is only kept for a time."""

from datetime import datetime

from django.db.models import Q, QuerySet

from integrations.connections.models import ApiToken, IdempotencyRecord
from integrations.core.registries import Retained


def _answers(before: datetime) -> "QuerySet[IdempotencyRecord]":
    return IdempotencyRecord.objects.filter(created_at__lt=before)


def _ended_tokens(before: datetime) -> "QuerySet[ApiToken]":
    return ApiToken.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))


KINDS = (
    Retained("connections.idempotency", "Answers kept for Idempotency-Key", days=2, expired=_answers),
    Retained("connections.tokens", "API tokens that expired or were revoked", days=365, expired=_ended_tokens),
)
