"""The unit of `duration`, which the vendor does not document: measured once on ten finished sessions (E21)."""

import statistics
from collections.abc import Sequence
from datetime import datetime

from integrations.connections.models import Connection
from integrations.platforms.worklink import probing
from integrations.platforms.worklink.mapping import number_of, seconds_of
from integrations.platforms.worklink.models import ScenarioSession, SessionType

NEEDED, LOOKED_AT = 10, 50
# Shorter sessions say nothing: rounding and delays outweigh them.
SHORTEST_SECONDS = 30.0
# Idle time may be left out of the duration, so the clock may show somewhat more.
LEAST, MOST = 0.8, 2.0


def calibrate(connection: Connection) -> None:
    """Find the unit out, if it is not known yet and enough sessions have ended; until then ends minus start counts."""
    if connection.probe.get(probing.UNIT):
        return
    rows = ScenarioSession.objects.filter(connection=connection, ended_at__isnull=False, started_at__isnull=False)
    passive = rows.filter(session_type=SessionType.PASSIVE).order_by("-pk")
    latest = passive.values_list("document__duration", "started_at", "ended_at")[:LOOKED_AT]
    if unit := unit_of([pair for row in latest if (pair := _sample(*row))]):
        probing.note(connection, **{probing.UNIT: unit})


def _sample(duration: object, started_at: datetime | None, ended_at: datetime | None) -> tuple[float, float] | None:
    number, seconds = number_of(duration), seconds_of(None, unit=None, started_at=started_at, ended_at=ended_at)
    return (number, seconds) if number and seconds and seconds >= SHORTEST_SECONDS else None


def unit_of(samples: Sequence[tuple[float, float]]) -> float | None:
    """Return the seconds per vendor unit, from pairs of duration and seconds by the clock; None if it is not clear."""
    if len(samples) < NEEDED:
        return None
    middle = statistics.median(seconds / duration for duration, seconds in samples)
    return next((unit for unit in probing.UNITS if LEAST <= middle / unit <= MOST), None)
