"""A system that keeps failing is asked by one request at a time; all others are refused at once, for all workers.

The state is in the connection's row, of which a worker's copy is at most a second old: what works costs no query.
"""

from datetime import datetime, timedelta

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.errors import SystemFailing

MOST_FAILURES = 5
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=5)
STATE = ("failures", "failing_since", "next_try_at")


def check(connection: Connection) -> None:
    """Refuse while the system is left alone. :raises SystemFailing: saying when the next request passes"""
    if connection.next_try_at is not None:
        now = clock.now()
        wait = (connection.next_try_at - now).total_seconds()
        if wait > 0:
            raise SystemFailing(sentence(connection, now=now), retry_after=max(wait, 1.0))


def enter(connection: Connection, *, seconds: float) -> None:
    """Let a request of at most `seconds` pass: any while the system works, one in each interval while it fails.

    :raises SystemFailing: saying when the next one passes
    """
    check(connection)
    if connection.next_try_at is None:
        return
    # One takes the try that is due: who moves the time on, beyond the end of the request.
    as_known = Connection.objects.filter(pk=connection.pk, next_try_at=connection.next_try_at)
    taken = as_known.update(next_try_at=clock.now() + max(SHORTEST, timedelta(seconds=seconds)))
    _read(connection)
    if not taken:
        check(connection)


def note_failure(connection: Connection) -> None:
    """Note that the system did not answer, or with a 5xx: after some in a row, it is left alone for a while."""
    now = clock.now()
    until = now + pause(now - (connection.failing_since or now))
    Connection.objects.filter(pk=connection.pk).update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", Value(now)),
        next_try_at=Case(When(failures__gte=MOST_FAILURES - 1, then=Value(until)), default=F("next_try_at")),
    )
    _read(connection)


def note_answer(connection: Connection) -> None:
    """Note that the system answered, whatever it said: everybody may ask again."""
    if connection.failures or connection.next_try_at is not None:
        Connection.objects.filter(pk=connection.pk).update(failures=0, failing_since=None, next_try_at=None)
        _read(connection)


def pause(failing_for: timedelta) -> timedelta:
    """Return how long a system is left alone that has been failing for so long: half of that, 5 s to 5 min."""
    return min(max(failing_for / 2, SHORTEST), LONGEST)


def sentence(connection: Connection, *, now: datetime) -> str:
    """Say since when nothing works and when the next try is; empty while requests pass."""
    since, until = connection.failing_since, connection.next_try_at
    if since is None or until is None:
        return ""
    day = "" if since.date() == now.date() else f"{since:%Y-%m-%d} "
    when = f"at {until:%H:%M:%S} UTC" if until > now else "the next request"
    return f"The connection {connection.name} is failing since {day}{since:%H:%M} UTC; the next try is {when}."


def _read(connection: Connection) -> None:
    for values in Connection.objects.filter(pk=connection.pk).values(*STATE):
        for name, value in values.items():
            setattr(connection, name, value)
