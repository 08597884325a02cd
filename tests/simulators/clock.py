from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """The vendors' spelling of a moment: UTC with a Z, milliseconds only where there are any."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


class Clock:
    """The simulators' time: it runs with the machine's, shifted, or stands still so that durations are exact."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        moment = self._frozen or datetime.now(UTC) + self._shift
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set(self, moment: datetime, *, frozen: bool = True) -> None:
        self._frozen = moment if frozen else None
        self._shift = moment - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        step = timedelta(seconds=seconds)
        self._shift += step
        if self._frozen is not None:
            self._frozen += step

    def release(self) -> None:
        """Run with the machine's time again."""
        self._frozen, self._shift = None, timedelta()
