"""What the camera page shows of a visit, as JSON values. Texts are in the visit's language."""

from collections.abc import Iterable, Sequence
from typing import Any

from integrations.camera.models import (
    Analysis,
    AnalysisState,
    FieldOrder,
    Input,
    Scenario,
    TaskGroup,
    TaskOutcome,
    Upload,
    Visit,
    WorkItem,
)
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.outcomes import Outcome
from integrations.camera.services import facts, handing, links, orders, reporting, visiting
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from integrations.workorders.selectors import iso

STATES = {
    AnalysisState.RUNNING: "analysing",
    AnalysisState.REVIEW: "review",
    AnalysisState.REFUSED: "refused",
    AnalysisState.DONE: "done",
    AnalysisState.FAILED: "failed",
}
# Open requests would each hold a thread of the web server: the page asks again instead, more and more rarely.
POLL_AFTER_MS = (500, 1000, 2000, 4000)
ANALYSED = ("analyses__outcomes__task", "analyses__run")


def visit_state(visit: Visit) -> dict[str, Any]:
    """Return all that the page needs to begin, or to go on after a reload."""
    order = visiting.order_of(visit)
    items = _items(visit, order)
    groups = {item.group.name: item.group for item in items}
    addable = _addable(order) if visit.scenario == Scenario.ORDER else []
    groups |= {group.name: group for group in addable}
    read_only = orders.is_read_only(order)
    return {
        "visit": _visit(visit),
        "order": {
            "uuid": str(order.uuid),
            "name": order.name,
            "progressScore": order.progress_score,
            "readOnly": read_only,
        },
        "item": str(visit.item.uuid) if visit.item else None,
        "groups": {name: _group(group, order, visit) for name, group in groups.items()},
        "addable": [] if read_only else [group.name for group in addable],
        "items": [_item(item, order, visit) for item in items],
        "pollAfterMs": list(POLL_AFTER_MS),
        "issueCategories": list(reporting.CATEGORIES),
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "uuid": str(visit.uuid),
        "scenario": visit.scenario,
        "flow": visit.token.flow,
        "language": visit.language,
        "input": str(visit.input_uuid) if visit.input_uuid else None,
        "expiresAt": iso(visit.expires_at),
        "leftAt": iso(visit.left_at),
    }


def _items(visit: Visit, order: FieldOrder) -> list[WorkItem]:
    """Return the items that this visit is about: its own, or all of them on the work order's page."""
    rows = order.items.all() if visit.scenario == Scenario.ORDER else order.items.filter(pk=visit.item_id or 0)
    ahead = ("group__tasks", "group__examples", "uploads", *(f"inputs__{name}" for name in ANALYSED))
    return list(rows.select_related("group").prefetch_related(*ahead).order_by("group__order", "pk"))


def _addable(order: FieldOrder) -> list[TaskGroup]:
    """Return the types of photo that the order's types ask for."""
    groups = TaskGroup.objects.filter(version=order.version_id).prefetch_related("tasks", "examples")
    return [group for group in groups if not group.tasks.all() or facts.tasks_for(order, group)]


def _group(group: TaskGroup, order: FieldOrder, visit: Visit) -> dict[str, Any]:
    language = visit.language
    tasks = [task for task in facts.tasks_for(order, group) if not task.only_for_dashboard]
    return {
        "name": group.name,
        "displayName": group.text("display_name", language) or group.name,
        "description": group.text("description", language),
        "guide": group.guide,
        "examples": [links.example_links(example) for example in group.examples.all()],
        "mayCorrect": group.may_correct,
        "allowPdf": group.allow_pdf,
        "tasks": [
            {
                "uuid": str(task.uuid),
                "name": task.name,
                "sentence": task.sentence(language),
                "type": task.outcome_type,
                "mandatory": task.mandatory,
            }
            for task in tasks
        ],
    }


def _item(item: WorkItem, order: FieldOrder, visit: Visit) -> dict[str, Any]:
    item.order = order
    inputs = sorted(item.inputs.all(), key=lambda row: row.number)
    pictures = _pictures(inputs)
    done = {row.client_key for row in inputs}
    return {
        "uuid": str(item.uuid),
        "group": item.group.name,
        "handOver": handing.hands_over(item, visit),
        "status": item.status or None,
        "score": item.score,
        "photos": [
            *(_photo(row, item, visit, pictures) for row in inputs),
            *(_on_its_way(upload) for upload in item.uploads.all() if upload.key not in done),
        ],
    }


def _pictures(inputs: Iterable[Input]) -> dict[int, Photo]:
    return Photo.objects.in_bulk([row.photo_id for row in inputs if row.photo_id])


def _on_its_way(upload: Upload) -> dict[str, Any]:
    part = {"key": upload.key, "received": upload.received, "size": upload.size, "createdAt": iso(upload.created_at)}
    return NOTHING | part | {"state": "uploading"}


def photo_state(row: Input, visit: Visit) -> dict[str, Any]:
    """Return one photo with its verdict; the row's item and order have been read."""
    full = Input.objects.filter(pk=row.pk).prefetch_related(*ANALYSED).get()
    return _photo(full, row.item, visit, _pictures([full]))


NOTHING: dict[str, Any] = {
    "uuid": None,
    "number": None,
    "contentType": None,
    "thumbnail": None,
    "picture": None,
    "step": "",
    "note": "",
    "messages": [],
    "tasks": [],
    "score": None,
    "status": None,
}


def _photo(row: Input, item: WorkItem, visit: Visit, pictures: dict[int, Photo]) -> dict[str, Any]:
    analyses = sorted(row.analyses.all(), key=lambda each: each.pk)
    last = analyses[-1] if analyses else None
    picture = pictures.get(row.photo_id or 0)
    return NOTHING | {
        "uuid": str(row.uuid),
        "key": row.client_key,
        "number": row.number,
        "contentType": row.content_type,
        "thumbnail": photo_path(picture, size="small") if picture else None,
        "picture": photo_path(picture) if picture else links.document_path(row),
        "createdAt": iso(row.created_at),
        "state": STATES[AnalysisState(last.state)] if last else "analysing",
        **(_analysed(last, item, visit) if last else {}),
    }


def _analysed(analysis: Analysis, item: WorkItem, visit: Visit) -> dict[str, Any]:
    run = getattr(analysis, "run", None)
    told = {"step": run.step if run else "", "messages": analysis.conformity_messages}
    if analysis.state == AnalysisState.FAILED:
        return told | {"note": "The analysis failed. The photo is kept."}
    if analysis.state != AnalysisState.DONE:
        return told
    judged = facts.item_facts(item.order, item.group, analysis)
    by_name = {row.task.name: row for row in analysis.outcomes.all()}
    return told | {
        "score": verdicts.score(judged),
        "status": verdicts.status(judged).value,
        "tasks": _tasks(judged.tasks, by_name, visit.language),
    }


def _tasks(tasks: Sequence[verdicts.TaskFacts], rows: dict[str, TaskOutcome], language: str) -> list[dict[str, Any]]:
    return [
        _task(task, rows[task.name], language) for task in tasks if task.name in rows and not task.only_for_dashboard
    ]


def _task(fact: verdicts.TaskFacts, row: TaskOutcome, language: str) -> dict[str, Any]:
    judged = verdicts.verdict(fact, Outcome(row.analyzed_value, row.corrected_value))
    return {
        "uuid": str(row.task.uuid),
        "name": fact.name,
        "sentence": row.task.sentence(language),
        "type": row.task.outcome_type,
        "value": judged.value,
        "corrected": row.corrected_at is not None,
        "validated": judged.validated,
        "text": judged.rule.sentence(language) if judged.rule else "",
        "color": judged.rule.color if judged.rule else "",
        "mandatory": fact.mandatory,
    }
