"""What of WorkLink an admin configures beside its connections: when sessions and calls are imported."""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.core import cron
from integrations.core.config import Section, register
from integrations.core.config.parts import columns
from integrations.core.config.plain import Change
from integrations.platforms.worklink.models import ImportSchedule
from integrations.platforms.worklink.options import SLUG


class ImportSchedules(Section):
    """One for each connection at most; the entry is called as the connection."""

    name, model, key = "import_schedules", ImportSchedule, ("connection",)
    parts = columns(ImportSchedule, "cron", "time_zone", "enabled")

    def check(self, row: Any, changes: Sequence[Change], *, fresh: bool) -> Iterator[tuple[str, str]]:
        yield from cron.schedule_problems(row.cron, row.time_zone)
        if row.connection.platform != SLUG:
            yield "", f"“{row.connection.slug}” is not a WorkLink connection; only those are imported from."


def register_sections() -> None:
    register(ImportSchedules())
