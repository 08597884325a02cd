"""What scripts did for a subject."""

from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.scripts.models import ScriptRun

LONGEST = 200
_COLUMNS = ("pk", "script__name", "version__number", "state", "note", "created_at", "started_at", "ended_at")


def entries(subject: str) -> Iterator[Entry]:
    """Yield the runs of a subject at the time of their last step."""
    rows = ScriptRun.objects.filter(subject=subject).order_by("-id")
    for pk, name, number, state, note, created_at, started_at, ended_at in rows.values_list(*_COLUMNS)[:LONGEST]:
        yield Entry(
            at=ended_at or started_at or created_at,
            kind="script",
            title=f"{name}, version {number}" if number else name,
            state=state,
            note=note,
            url=reverse("admin:scripts_scriptrun_change", args=[pk]),
        )
