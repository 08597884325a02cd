"""Whether a connection works, with the last error; written when it changes, else once a minute."""

from datetime import datetime, timedelta

from integrations.connections.models import Connection, Health
from integrations.core import clock
from integrations.core.errors import AuthFailed

WRITTEN_EVERY = timedelta(seconds=60)


def report_success(connection: Connection) -> None:
    """Note that the other system answered and let us in."""
    _report(connection, health=Health.OK, note="")


def report_failure(connection: Connection, error: Exception) -> None:
    """Note that it did not; AuthFailed is a state of its own, since only a person can mend it."""
    health = Health.AUTH_FAILED if isinstance(error, AuthFailed) else Health.FAILING
    _report(connection, health=health, note=str(error))


def _report(connection: Connection, *, health: Health, note: str) -> None:
    now = clock.now()
    if connection.health == health and _is_fresh(connection.health_at, now=now):
        return
    connection.health, connection.health_note, connection.health_at = health, note, now
    Connection.objects.filter(pk=connection.pk).update(health=health, health_note=note, health_at=now)


def _is_fresh(at: datetime | None, *, now: datetime) -> bool:
    return at is not None and now - at < WRITTEN_EVERY
