"""Orders as the admin shows them: each expected photo with what was submitted, the verdicts over time, corrections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations.camera.models import Analysis, AnalysisState, Input, TaskOutcome, WorkItem
from integrations.camera.protocol.rules import matching
from integrations.camera.services.facts import fact_of
from integrations.camera.services.links import document_path
from integrations.core.badges import badge
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo

TONES = {
    AnalysisState.RUNNING: "busy",
    AnalysisState.REVIEW: "wait",
    AnalysisState.REFUSED: "bad",
    AnalysisState.DONE: "ok",
    AnalysisState.FAILED: "bad",
}


@dataclass(frozen=True)
class ShownOutcome:
    """`value` counts; `before` is what the engine said where a person put another over it."""

    task: str
    value: str
    verdict: SafeString
    before: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class ShownAnalysis:
    row: Analysis
    state: SafeString
    outcomes: list[ShownOutcome]


@dataclass(frozen=True)
class ShownInput:
    """`small` and `full` are signed addresses; `document` is a PDF's. All are empty where the file is gone."""

    row: Input
    name: str
    small: str
    full: str
    document: str
    analyses: list[ShownAnalysis]


@dataclass(frozen=True)
class ShownItem:
    row: WorkItem
    status: SafeString
    inputs: list[ShownInput]


def status_badge(item: WorkItem) -> SafeString:
    if not item.status:
        return badge(_("no verdict yet"), "quiet")
    return badge(item.status, "ok" if item.status == "analysis_ok" else "bad")


def state_badge(analysis: Analysis) -> SafeString:
    return badge(analysis.get_state_display(), TONES[AnalysisState(analysis.state)])


def items_of(rows: Any) -> list[ShownItem]:
    """Read the items with all that hangs on them, in a fixed number of queries."""
    ahead = ("inputs__analyses__outcomes__task",)
    items = list(rows.select_related("group", "order").prefetch_related(*ahead).order_by("group__order", "pk"))
    photos = photos_of(each for item in items for each in item.inputs.all())
    return [ShownItem(item, status_badge(item), _inputs(item, photos)) for item in items]


def photos_of(inputs: Iterable[Input]) -> dict[int, Photo]:
    return Photo.objects.in_bulk([each.photo_id for each in inputs if each.photo_id])


def _inputs(item: WorkItem, photos: dict[int, Photo]) -> list[ShownInput]:
    return [input_of(each, photos) for each in sorted(item.inputs.all(), key=lambda each: each.number)]


def input_of(row: Input, photos: dict[int, Photo]) -> ShownInput:
    photo = photos.get(row.photo_id or 0)
    analyses = sorted(row.analyses.all(), key=lambda each: each.pk)
    return ShownInput(
        row=row,
        name=_("Photo {number} of {group}").format(number=row.number, group=row.item.group.name),
        small=photo_path(photo, size="small") if photo else "",
        full=photo_path(photo) if photo else "",
        document=document_path(row) or "",
        analyses=[
            ShownAnalysis(each, state_badge(each), list(map(_outcome, each.outcomes.all()))) for each in analyses
        ],
    )


def _outcome(row: TaskOutcome) -> ShownOutcome:
    corrected = row.corrected_at is not None
    return ShownOutcome(
        task=row.task.name,
        value=words(row.value),
        verdict=_verdict(row),
        before=words(row.analyzed_value) if corrected else "",
        by=row.corrected_by,
        at=row.corrected_at,
    )


def _verdict(row: TaskOutcome) -> SafeString:
    value: Any = row.value
    rule = matching(value, fact_of(row.task).rules)
    if rule is None:
        return badge(_("no rule fits"), "quiet")
    return badge(rule.sentence() or (_("good") if rule.validated else _("bad")), "ok" if rule.validated else "bad")


def words(value: Any) -> str:
    """Return a value as people write it."""
    if value is None:
        return _("not decided")
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
