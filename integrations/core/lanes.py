"""Lanes: standing work that gives order to rows of its own, and rests until the next of them is due."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from integrations.core.work import Claim, Row, StandingQuerySet, WorkState


class LaneQuerySet(StandingQuerySet[Row]):
    def want(self, *, now: datetime, **values: Any) -> int:
        """As for all standing work; a lane that only waits for a time of its own, not held by a failure, is due now."""
        resting = Q(state=WorkState.DUE, retry_since__isnull=True, due_at__gt=now)
        self.filter(resting).update(due_at=now)
        return super().want(now=now, **values)

    def rest(self, claim: Claim, *, due_at: datetime, note: str, **values: Any) -> bool:
        """Let the lane wait without counting an attempt; due at once if it was wanted since the claim."""
        if self.held(claim).filter(wanted=claim.row.wanted).update(**_resting(due_at, note), **values) == 1:
            return True
        return self.held(claim).update(**_resting(timezone.now(), note), **values) == 1


def _resting(due_at: datetime, note: str) -> dict[str, Any]:
    return {
        "state": WorkState.DUE,
        "due_at": due_at,
        "note": note,
        "claim_token": None,
        "deaths": 0,
        "attempts": F("attempts") - 1,
        "retry_since": None,
    }
