"""Orders as the admin shows them: each expected photo with what was submitted, the verdicts over time, corrections."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
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
    """`value` counts; `before` is what the engine said where a person put another over it.

    `good`: what the task's rules say of the value, `was_good` of the engine's; None: nothing. `correct`: where it is
    corrected; "" if it is final.
    """

    task: str
    value: str
    verdict: SafeString
    good: bool | None
    was_good: bool | None
    before: str = ""
    by: str = ""
    at: datetime | None = None
    correct: str = ""


@dataclass(frozen=True)
class ShownAnalysis:
    row: Analysis
    state: SafeString
    outcomes: list[ShownOutcome]


@dataclass(frozen=True)
class Step:
    """One verdict of an item's history, whoever gave it."""

    at: datetime
    words: str
    tone: str
    photo: int


@dataclass(frozen=True)
class ShownInput:
    """`small` and `full` are signed addresses; `document` is a PDF's. All are empty where the file is gone."""

    row: Input
    name: str
    small: str
    full: str
    document: str
    analyses: list[ShownAnalysis]

    @property
    def latest(self) -> ShownAnalysis | None:
        return self.analyses[-1] if self.analyses else None

    @property
    def earlier(self) -> list[ShownAnalysis]:
        return self.analyses[-2::-1]


@dataclass(frozen=True)
class ShownItem:
    row: WorkItem
    status: SafeString
    tone: str
    inputs: list[ShownInput]
    history: list[Step]


def tone_of(item: WorkItem) -> str:
    if not item.status:
        return "quiet"
    return "ok" if item.status == "analysis_ok" else "bad"


def status_badge(item: WorkItem) -> SafeString:
    return badge(item.status or _("no verdict yet"), tone_of(item))


def state_badge(analysis: Analysis) -> SafeString:
    return badge(analysis.get_state_display(), TONES[AnalysisState(analysis.state)])


def items_of(rows: Any) -> list[ShownItem]:
    """Read the items with all that hangs on them, in a fixed number of queries."""
    ahead = ("inputs__analyses__outcomes__task",)
    items = list(rows.select_related("group", "order").prefetch_related(*ahead).order_by("group__order", "pk"))
    photos = photos_of(each for item in items for each in item.inputs.all())
    return [_item(item, photos) for item in items]


def _item(row: WorkItem, photos: dict[int, Photo]) -> ShownItem:
    inputs = _inputs(row, photos)
    return ShownItem(row, status_badge(row), tone_of(row), inputs, _history(inputs))


def _history(inputs: Iterable[ShownInput]) -> list[Step]:
    """Return all verdicts on an item, oldest first."""
    steps = [step for photo in inputs for each in photo.analyses for step in _steps(photo.row.number, each)]
    return sorted(steps, key=lambda step: step.at)


def _steps(photo: int, shown: ShownAnalysis) -> Iterator[Step]:
    row = shown.row
    given = [each.was_good for each in shown.outcomes if each.was_good is not None]
    corrected = [each for each in shown.outcomes if each.at is not None]
    words, tone = str(row.get_state_display()), TONES[AnalysisState(row.state)]
    if row.state == AnalysisState.DONE and given:
        words = _("{good} of {all} good").format(good=sum(given), all=len(given))
        tone = "ok" if all(given) else "bad"
    yield Step(row.finished_at or row.created_at, words, tone, photo)
    for each in corrected:
        assert each.at is not None
        told = _("{by}: {task} is {value}, not {before}")
        words = told.format(by=each.by, task=each.task, value=each.value, before=each.before)
        yield Step(each.at, words, "bad" if each.good is False else "ok", photo)


def photos_of(inputs: Iterable[Input]) -> dict[int, Photo]:
    return Photo.objects.in_bulk([each.photo_id for each in inputs if each.photo_id])


def _inputs(item: WorkItem, photos: dict[int, Photo]) -> list[ShownInput]:
    return [input_of(each, photos) for each in sorted(item.inputs.all(), key=lambda each: each.number)]


def input_of(row: Input, photos: dict[int, Photo]) -> ShownInput:
    photo = photos.get(row.photo_id or 0)
    analyses = sorted(row.analyses.all(), key=lambda each: each.pk)
    last = max((each.pk for each in analyses if each.state == AnalysisState.DONE), default=0)
    return ShownInput(
        row=row,
        name=_("Photo {number} of {group}").format(number=row.number, group=row.item.group.name),
        small=photo_path(photo, size="small") if photo else "",
        full=photo_path(photo) if photo else "",
        document=document_path(row) or "",
        analyses=[_analysis(each, is_last=each.pk == last) for each in analyses],
    )


def _analysis(row: Analysis, *, is_last: bool) -> ShownAnalysis:
    """`is_last`: it is the photo's last one with outcomes, which is the one that people correct."""
    rows = sorted(row.outcomes.all(), key=lambda each: (each.task.order, each.task_id))
    return ShownAnalysis(row, state_badge(row), [_outcome(each, may_change=is_last) for each in rows])


def _outcome(row: TaskOutcome, *, may_change: bool) -> ShownOutcome:
    corrected = row.corrected_at is not None
    return ShownOutcome(
        task=row.task.name,
        value=words(row.value),
        verdict=_verdict(row),
        good=_good(row, row.value),
        was_good=_good(row, row.analyzed_value),
        before=words(row.analyzed_value) if corrected else "",
        by=row.corrected_by,
        at=row.corrected_at,
        correct=reverse("admin:camera_workitem_correct", args=[row.pk]) if may_change and not corrected else "",
    )


def _good(row: TaskOutcome, value: Any) -> bool | None:
    rule = matching(value, fact_of(row.task).rules)
    return None if rule is None else rule.validated


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
