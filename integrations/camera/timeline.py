"""What the camera knows of a work order: visits, photos, verdicts, corrections, issues, ways back."""

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from integrations.camera.models import Analysis, AnalysisState, Callback, HandOver, Issue, TaskOutcome, Visit
from integrations.core.registries import Entry

LONGEST = 200
# As `core.badges` colours the states of work.
COLOURS = {
    AnalysisState.RUNNING: "RUNNING",
    AnalysisState.REVIEW: "DUE",
    AnalysisState.REFUSED: "SKIPPED",
    AnalysisState.DONE: "DONE",
    AnalysisState.FAILED: "FAILED",
}


def entries(subject: str) -> Iterator[Entry]:
    if not subject.startswith("workorder/"):
        return
    yield from _visits(subject)
    yield from _analyses(subject)
    yield from _corrections(subject)
    for way in HandOver.objects.filter(subject=subject).select_related("item__group").order_by("-pk")[:LONGEST]:
        title = f"handed over for {way.item.group}: {way.get_phase_display()}"
        yield Entry(at=way.back_at or way.created_at, kind="camera", title=title, state=way.state, note=way.note)
    for issue in Issue.objects.filter(item__order__subject=subject).order_by("-pk")[:LONGEST]:
        yield Entry(at=issue.created_at, kind="camera", title=f"issue reported: {issue.category}", note=issue.text)
    for row in Callback.objects.filter(visit__subject=subject).order_by("-pk")[:LONGEST]:
        told = ", ".join(filter(None, (row.status, "" if row.score is None else f"score {row.score}")))
        yield Entry(at=row.created_at, kind="camera", title=f"sent back: {told or 'no status yet'}", note=row.note)


def _visits(subject: str) -> Iterator[Entry]:
    rows = Visit.objects.filter(subject=subject).select_related("token", "item__group").order_by("-pk")
    for visit in rows[:LONGEST]:
        who = f" of {visit.technician} (not verified)" if visit.technician else ""
        what = f", {visit.item.group}" if visit.item else ""
        title = f"visit{who} by {visit.token}: {visit.get_scenario_display()}{what}"
        yield Entry(at=visit.arrived_at, kind="camera", title=title, note=visit.callback_refused, url=_page(visit))
        if visit.abandoned_at:
            yield Entry(at=visit.abandoned_at, kind="camera", title="never came back", state="SKIPPED")


def _analyses(subject: str) -> Iterator[Entry]:
    rows = Analysis.objects.filter(input__item__order__subject=subject)
    for analysis in rows.select_related("input__item__group").order_by("-pk")[:LONGEST]:
        row = analysis.input
        yield Entry(
            at=analysis.finished_at or analysis.created_at,
            kind="camera",
            title=f"photo {row.number}, {row.item.group}: {analysis.get_state_display()}",
            state=COLOURS[AnalysisState(analysis.state)],
            note=analysis.note or "; ".join(each["message"] for each in analysis.conformity_messages),
        )


def _corrections(subject: str) -> Iterator[Entry]:
    rows = TaskOutcome.objects.filter(analysis__input__item__order__subject=subject, corrected_at__isnull=False)
    for row in rows.select_related("task").order_by("-pk")[:LONGEST]:
        assert row.corrected_at is not None
        title = f"{row.task} corrected: {row.corrected_value} instead of {row.analyzed_value}"
        yield Entry(at=row.corrected_at, kind="camera", title=title, note=f"By {row.corrected_by}.")


def _page(visit: Visit) -> str:
    try:
        return reverse("admin:camera_visit_change", args=[visit.pk])
    except NoReverseMatch:
        return ""
