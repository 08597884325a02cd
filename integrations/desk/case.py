"""The case file of a work order: its rows in time order, and the first missing step drawn as a gap that says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integrations.core import registries
from integrations.core.badges import TONES
from integrations.core.registries import Entry
from integrations.sync import services as sync
from integrations.sync.models import RecordWrite, Verdict, WriteState
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo, WorkOrder

PHOTOS_SHOWN = 24


@dataclass(frozen=True)
class Line:
    """One line of the timeline; a gap has no time."""

    title: str
    at: datetime | None = None
    kind: str = ""
    state: str = ""
    tone: str = "quiet"
    note: str = ""
    url: str = ""
    gap: bool = False


@dataclass(frozen=True)
class Picture:
    photo: Photo
    url: str
    small: str


def context(order: WorkOrder) -> dict[str, Any]:
    """Return what the page shows besides the order's own columns."""
    entries = registries.timeline(order.subject)
    return {
        "names": order.external_ids.select_related("system").defer("system__credentials", "system__token_cache"),
        "lines": [*map(_line, entries), *_gap(order, entries)],
        "pictures": [_picture(photo) for photo in order.photos.order_by("-pk")[:PHOTOS_SHOWN]],
    }


def _line(entry: Entry) -> Line:
    tone = TONES.get(entry.state, "quiet")
    note = "" if entry.kind == "event" and entry.note == "live" else entry.note
    return Line(entry.title, entry.at, entry.kind, entry.state, tone, note, entry.url)


def _picture(photo: Photo) -> Picture:
    return Picture(photo, photo_path(photo), photo_path(photo, size="small"))


def _gap(order: WorkOrder, entries: Sequence[Entry]) -> list[Line]:
    """Return the step that is missing at the end of the line, if one is."""
    if _is_written(order):
        return []
    kinds = {entry.kind for entry in entries}
    return [Line(_missing(kinds), note=sync.explain(order), gap=True)]


def _is_written(order: WorkOrder) -> bool:
    there = (Verdict.CONFIRMED, Verdict.UNVERIFIED)
    return RecordWrite.objects.filter(subject=order.subject, state=WriteState.DONE, verdict__in=there).exists()


def _missing(kinds: set[str]) -> str:
    if "join" not in kinds:
        return _("No session or call yet")
    return _("Not written yet") if "write" in kinds else _("Nothing to write yet")
