"""One runner for each connection, however many machines there are: a lease in the database (ADR 13)."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from integrations.core.work import lease
from integrations.platforms.omni.models import Subscription


def take(pk: int, *, token: UUID, now: datetime) -> bool:
    """Take a subscription that nobody holds, or that this runner holds already. `now` is the database's clock."""
    free = Q(held_until__isnull=True) | Q(held_until__lte=now) | Q(holder=token)
    return Subscription.objects.filter(free, pk=pk).update(holder=token, held_until=now + lease()) == 1


def renew(pk: int, *, token: UUID, now: datetime) -> bool:
    """Move the end of the lease on; False if it ended, and then it may be another's: stop, write nothing."""
    held = Subscription.objects.filter(pk=pk, holder=token, held_until__gt=now)
    return held.update(held_until=now + lease()) == 1


def release(pk: int, *, token: UUID) -> None:
    """Let another runner go on at once."""
    Subscription.objects.filter(pk=pk, holder=token).update(holder=None, held_until=None)
