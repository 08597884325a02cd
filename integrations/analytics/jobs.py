"""Measuring in the background, as a job that comes back."""

import time
from datetime import timedelta

from integrations.analytics import services
from integrations.analytics.models import Recount
from integrations.core import clock
from integrations.core.work import Claim

EVERY = timedelta(seconds=30)
MOST_SECONDS = 20.0  # of one run, so that a worker is free for others between two


def measure_jobs(claim: Claim) -> str:
    """Measure what changed, and go on with a recount, for a while; say how many."""
    ends, total = time.monotonic() + MOST_SECONDS, 0
    while time.monotonic() < ends and (done := services.measure_some()):
        total += done
        claim.renew(now=clock.now())
    state = Recount.objects.filter(pk=1).first()
    if state and state.running:
        left = f"up to number {state.after} of {state.until}"
        return f"Measured {total}. All jobs are measured anew ({state.why}): {left}."
    return f"Measured {total}." if total else "Nothing changed."
