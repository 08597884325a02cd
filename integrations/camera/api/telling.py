"""Rows as the JSON of the contract (4.5 to 4.8). Texts are in the language that was asked for."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import get_language

from integrations.camera.models import Analysis, AnalysisState, FieldOrder, Input, Task, TaskGroup, TaskOutcome
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.outcomes import Outcome
from integrations.camera.protocol.rules import Rule
from integrations.camera.services import facts, links
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo

# What the field worker's app shows an outcome with; only this word of the vendor's list is known (4.5).
DISPLAY = "Select"


def time(at: datetime | None) -> str | None:
    """ISO 8601 with microseconds (4.1)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def order(row: FieldOrder, *, include_inputs: bool = True) -> dict[str, Any]:
    groups = groups_of(row)
    outcomes = _outcomes(row)
    analyses = list(Analysis.objects.filter(input__item__order=row).order_by("pk").values_list("uuid", flat=True))
    return {
        "id": str(row.uuid),
        "name": row.name,
        "site_id": str(row.site.uuid),
        "create_date": time(row.created_at),
        "update_date": time(row.changed_at),
        "review_date": time(row.reviewed_at),
        "first_analysis_id": str(analyses[0]) if analyses else None,
        "latest_analysis_id": str(analyses[-1]) if analyses else None,
        "assigned_user_id": _assigned(row),
        "field_engineer_email": row.field_engineer_email,
        "user_group_ids": row.user_group_ids,
        "work_order_types": row.type_names,
        "engage_app_id": str(uuid5(row.site.uuid, f"catalogue {row.version.number}")),
        "tags": row.tags,
        "parameters": {},
        "metadata": row.metadata,
        "progress_score": row.progress_score,
        "task_groups": [
            {"id": str(group.uuid), "name": group.name, "tasks": [str(each.uuid) for each in tasks]}
            for group, tasks in groups
        ],
        "tasks": [task(each, outcomes.get(each.pk)) for _group, tasks in groups for each in tasks],
        "inputs": _inputs(row) if include_inputs else [],
    }


def groups_of(row: FieldOrder) -> list[tuple[TaskGroup, list[Task]]]:
    """Return the types of photo of an order with their tasks, as far as its types ask for them."""
    found = TaskGroup.objects.filter(version=row.version_id).prefetch_related("tasks", "examples")
    pairs = [(group, facts.tasks_for(row, group)) for group in found]
    return [(group, tasks) for group, tasks in pairs if tasks or not group.tasks.all()]


def _outcomes(row: FieldOrder) -> dict[int, TaskOutcome]:
    """Return the outcome that counts for each task: that of the newest photo with one."""
    done = TaskOutcome.objects.filter(analysis__input__item__order=row, analysis__state=AnalysisState.DONE)
    return {each.task_id: each for each in done.order_by("analysis__input", "analysis")}


def _assigned(row: FieldOrder) -> int | None:
    if not row.field_engineer_email:
        return None
    found = User.objects.filter(email__iexact=row.field_engineer_email, is_active=True).order_by("pk")
    return found.values_list("pk", flat=True).first()


def task(row: Task, outcome: TaskOutcome | None) -> dict[str, Any]:
    return {
        "id": str(row.uuid),
        "name": row.name,
        "outcome_type": row.outcome_type,
        "mandatory": row.mandatory,
        "state": state(row, outcome),
    }


def state(row: Task, outcome: TaskOutcome | None) -> dict[str, Any]:
    said = Outcome(outcome.analyzed_value, outcome.corrected_value) if outcome else Outcome()
    judged = verdicts.verdict(facts.fact_of(row), said)
    return {
        "analyzed_value": said.analyzed,
        "corrected_value": said.corrected,
        "message": judged.rule.sentence(_language()) if judged.rule else "",
        "is_conformity_validated": judged.validated,
        "regions": outcome.regions if outcome else [],
    }


def _inputs(row: FieldOrder) -> list[dict[str, Any]]:
    rows = Input.objects.filter(item__order=row).select_related("item__group").prefetch_related("analyses")
    found = list(rows.order_by("pk"))
    pictures = Photo.objects.in_bulk([each.photo_id for each in found if each.photo_id])
    return [_input(each, pictures) for each in found]


def _input(row: Input, pictures: Mapping[int, Photo]) -> dict[str, Any]:
    picture = pictures.get(row.photo_id or 0)
    path = photo_path(picture) if picture else links.document_path(row)
    last = max(row.analyses.all(), key=lambda each: each.pk, default=None)
    return {
        "id": str(row.uuid),
        "work_item_id": str(row.item.uuid),
        "url": f"{settings.PUBLIC_URL}{path}" if path else None,
        "context": row.item.group.name,
        "create_date": time(row.created_at),
        "metadata": row.metadata,
        "conformity_messages": last.conformity_messages if last else [],
    }


def analysis(row: Analysis, photo: Input) -> dict[str, Any]:
    """Return what was said of one photo; a task that nobody decided, or not yet, has no value."""
    field_order = photo.item.order
    field_order.refresh_from_db(fields=["progress_score"])
    outcomes = {each.task_id: each for each in row.outcomes.all()}
    tasks = facts.tasks_for(field_order, photo.item.group)
    return {
        "id": str(row.uuid),
        "input_id": str(photo.uuid),
        "progress_score": field_order.progress_score,
        "conformity_messages": row.conformity_messages,
        "tasks": [task(each, outcomes.get(each.pk)) for each in tasks],
    }


def group(row: TaskGroup, tasks: Iterable[Task]) -> dict[str, Any]:
    """Return a type of photo as it guides a field worker."""
    return {
        "id": str(row.uuid),
        "name": row.name,
        "display_name": row.text("display_name", _language()) or row.name,
        "description": row.text("description", _language()),
        "order": row.order,
        "input_examples": [settings.PUBLIC_URL + links.example_path(each) for each in row.examples.all()],
        "tasks": [_guided(each) for each in tasks],
    }


def _guided(row: Task) -> dict[str, Any]:
    return {
        "id": str(row.uuid),
        "name": row.name,
        "sentence": row.sentence(_language()),
        "mandatory": row.mandatory,
        "only_for_dashboard": row.only_for_dashboard,
        "conformity_status": row.conformity_status,
        "outcome_display": DISPLAY,
        "outcome_type": row.outcome_type,
        "outcome_validation": [_rule(rule) for rule in facts.fact_of(row).rules],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "schema": json.loads(rule.schema),
        "sentence": rule.sentence(_language()),
        "color": rule.color,
        "not_analyzed": rule.not_analyzed,
        "is_conformity_validated": rule.validated,
    }


def _language() -> str:
    return (get_language() or "en")[:2]
