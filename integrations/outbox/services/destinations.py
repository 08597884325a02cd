"""Destinations: made, changed, switched on and off, given new secrets, deleted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from integrations.core.wake import wake
from integrations.outbox.models import DELIVER_TASK, Delivery, DeliveryState, Destination
from integrations.outbox.signatures import new_secret

SECRET_OVERLAP = timedelta(hours=24)


def create(
    workspace_id: int, *, name: str, url: str, secret: str = "", headers: Mapping[str, str] | None = None, **values: Any
) -> Destination:
    """Make a destination. `secret` signs what it is sent; empty: unsigned. `uid` names it to its receiver.

    :raises ValidationError: naming the argument that is refused, and by which rule
    """
    row = Destination(workspace_id=workspace_id, name=name, url=url, headers=dict(headers or {}), **values)
    row.secrets = {"current": secret} if secret else {}
    row.full_clean()
    row.save()
    return row


def rotate_secret(
    destination: Destination, *, now: datetime, secret: str = "", keep: timedelta = SECRET_OVERLAP
) -> str:
    """Give it a new secret and return that; the one before signs too, for `keep`."""
    given = secret or new_secret()
    put_secret(destination, given, now=now, keep=keep)
    destination.save(update_fields=["secrets", "previous_until"])
    return given


def put_secret(destination: Destination, secret: str, *, now: datetime, keep: timedelta = SECRET_OVERLAP) -> None:
    """Set its secret, unsaved; the one before signs too, for `keep`. Empty: unsigned from now on."""
    previous = destination.secrets.get("current", "")
    destination.secrets = {"current": secret, "previous": previous} if secret else {}
    destination.previous_until = now + keep if secret and previous else None


def switch(destination: Destination, *, enabled: bool, now: datetime) -> None:
    """Let it send, or wait: what comes while it is off waits, and is sent when it is on again."""
    destination.enabled = enabled
    destination.save(update_fields=["enabled"])
    Destination.objects.filter(pk=destination.pk).want(now=now)
    wake(DELIVER_TASK)


def drop_backlog(destination: Destination, *, by: str, now: datetime) -> int:
    """End everything that waits there; it can be sent again later. Return how many that were."""
    dropped = {"state": DeliveryState.DROPPED, "ended_at": now, "note": f"Dropped by {by}."}
    return Delivery.objects.open().filter(destination=destination).update(**dropped)


@transaction.atomic
def retire(destination: Destination, *, by: str, now: datetime) -> None:
    """Delete it for good: what waits is dropped, its secrets are forgotten. The log stays for as long as logs do."""
    destination.enabled, destination.retired_at = False, now
    destination.secrets, destination.headers = {}, {}
    destination.save()
    drop_backlog(destination, by=by, now=now)
