"""Fair shares: one script, or one connection that scripts write to, holds at most half of the workers."""

from collections import Counter
from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet

from integrations.scripts.models.definition import ScriptGrant

Lane = TypeVar("Lane", bound=Model)


def share() -> int:
    """Return how many runs of one script may be at work at once, over all workers."""
    workers: int = settings.SCRIPT_WORKERS
    return max(1, workers // 2)


def full(running: "QuerySet[Lane]") -> set[int]:
    """Return the scripts whose share is used up, by themselves or by others that write to the same system.

    Two workers that look at the same moment may both get in: the share is a matter of fairness, not of safety.
    """
    busy = list(running.order_by().values_list("script_id", flat=True))
    if len(busy) < share():
        return set()
    return {script for script, count in Counter(busy).items() if count >= share()} | _sharing_a_full_target(busy)


def _sharing_a_full_target(busy: list[int]) -> set[int]:
    """Return the scripts whose target connection is used by as many runs as its share."""
    targets = ScriptGrant.objects.filter(is_target=True)
    of_script = dict(targets.filter(script_id__in=set(busy)).values_list("script_id", "connection_id"))
    used = Counter(of_script[script] for script in busy if script in of_script)
    full = [connection for connection, count in used.items() if count >= share()]
    return set(targets.filter(connection_id__in=full).values_list("script_id", flat=True)) if full else set()
