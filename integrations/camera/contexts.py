"""What mappings and scripts may use of a photographed item and of its order; and what follows an operator's join."""

from typing import Any

from django.db.models import Prefetch

from integrations.camera.models import (
    ITEM_SOURCE,
    ORDER_SOURCE,
    Analysis,
    AnalysisState,
    FieldOrder,
    TaskOutcome,
    WorkItem,
)
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.outcomes import Outcome
from integrations.camera.services import analysing, facts, orders, telling
from integrations.core import clock
from integrations.core.platforms import ContextField, ContextKind, register_context
from integrations.events.models import Reason
from integrations.workorders import photos
from integrations.workorders.models import Photo
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, facts_of_order, iso, order_facts

ITEM_FIELDS = (
    ContextField("item.id", "text", "Item: id"),
    ContextField("item.group", "text", "Item: task group"),
    ContextField("item.label", "text", "Item: display name of its task group"),
    ContextField("item.status", "text", "Item: analysis_ok, analysis_ko, or empty"),
    ContextField("item.score", "number", "Item: score, 0 to 100"),
    ContextField("item.photos", "number", "Item: how many photos were taken"),
    ContextField("verdict.state", "text", "Verdict on the last photo: done, refused, review, running or failed"),
    ContextField("verdict.ok", "boolean", "Verdict: whether all mandatory tasks are validated"),
    ContextField("verdict.status", "text", "Verdict: analysis_ok, analysis_ko, conformity_error, or empty"),
    ContextField("verdict.score", "number", "Verdict: score, 0 to 100"),
    ContextField("verdict.engine", "text", "Verdict: who decided"),
    ContextField("verdict.corrected", "boolean", "Verdict: whether a person corrected it"),
    ContextField("verdict.finished_at", "time", "Verdict: when it was given"),
    ContextField("verdict.messages", "list", "Verdict: conformity messages: severity, code, message"),
    ContextField("verdict.messages_text", "text", "Verdict: conformity messages, one a line"),
    ContextField("verdict.tasks", "list", "Verdict: tasks: name, sentence, value, validated, corrected, text"),
    ContextField("verdict.tasks_text", "text", "Verdict: tasks, one a line"),
    ContextField("photo.id", "text", "Photo: id (input_id)"),
    ContextField("photo.number", "number", "Photo: how many it is of its item"),
    ContextField("photo.taken_at", "time", "Photo: when it was taken"),
    ContextField("photo.received_at", "time", "Photo: when it was received"),
    ContextField("photo.link", "text", "Photo: signed link that expires", volatile=True),
    ContextField("photo.thumbnail", "text", "Photo: signed link to a small picture", volatile=True),
    ContextField("photo.sha256", "text", "Photo: SHA-256 as it was sent"),
)
CAMERA_FIELDS = (
    ContextField("camera.order_id", "text", "Camera order: id"),
    ContextField("camera.name", "text", "Camera order: name"),
    ContextField("camera.progress", "number", "Camera order: progress, 0 to 100"),
    ContextField("camera.technician", "text", "Camera order: who is said to have held the phone (not verified)"),
    ContextField("camera.site", "text", "Camera order: site"),
)
# Names of tasks and of metadata are the customer's own.
OPEN_PATHS = ("task", "metadata", *ORDER_OPEN_PATHS)


def register() -> None:
    register_context(
        ContextKind(
            source_type=ITEM_SOURCE,
            label="Camera photo",
            event_types=(telling.FINISHED, telling.CORRECTED, telling.RECEIVED, telling.REPORTED),
            fields=(*ITEM_FIELDS, *CAMERA_FIELDS, *ORDER_FIELDS),
            load=load_item,
            open_paths=OPEN_PATHS,
            file=photo_file,
        )
    )
    register_context(
        ContextKind(
            source_type=ORDER_SOURCE,
            label="Camera order",
            event_types=(orders.JOINED, telling.ABANDONED),
            fields=(*CAMERA_FIELDS, *ORDER_FIELDS),
            load=load_order,
            open_paths=("metadata", *ORDER_OPEN_PATHS),
            joined=joined,
            lock=lock,
        )
    )


def load_item(source_id: str) -> dict[str, Any]:
    """:raises WorkItem.DoesNotExist:"""
    rows = WorkItem.objects.select_related("group", "order__site").prefetch_related("group__tasks")
    item = rows.get(pk=source_id)
    analysis = _latest(item)
    return {
        "item": {
            "id": str(item.uuid),
            "group": item.group.name,
            "label": item.group.text("display_name", "en") or item.group.name,
            "status": item.status,
            "score": item.score,
            "photos": item.inputs.count(),
        },
        **_of_analysis(item, analysis),
        **_of_order(item.order),
    }


def load_order(source_id: str) -> dict[str, Any]:
    """:raises FieldOrder.DoesNotExist:"""
    return _of_order(FieldOrder.objects.select_related("site").get(pk=source_id))


def _latest(item: WorkItem) -> Analysis | None:
    """Return the analysis of the last photo that has ended; while none has, the last."""
    rows = Analysis.objects.filter(input__item=item).select_related("input")
    ahead = rows.prefetch_related(
        Prefetch("outcomes", TaskOutcome.objects.select_related("task").order_by("task__order"))
    )
    newest = ahead.order_by("-input__number", "-pk")
    return newest.filter(state__in=analysing.FINISHED).first() or newest.first()


def _of_order(order: FieldOrder) -> dict[str, Any]:
    visit = order.visits.exclude(technician="").order_by("-pk").first()
    pk = telling.work_order_of(order.subject)
    return {
        "camera": {
            "order_id": str(order.uuid),
            "name": order.name,
            "progress": order.progress_score,
            "technician": visit.technician if visit else "",
            "site": order.site.name,
        },
        "metadata": order.metadata,
        "order": facts_of_order(pk) if pk else order_facts(None),
    }


def _of_analysis(item: WorkItem, analysis: Analysis | None) -> dict[str, Any]:
    judged = facts.item_facts(item.order, item.group, analysis)
    known = {row.task.name: row for row in analysis.outcomes.all()} if analysis else {}
    tasks = [_task(fact, known[fact.name]) for fact in judged.tasks if fact.name in known]
    done = analysis is not None and analysis.state == AnalysisState.DONE
    status = verdicts.status(judged).value if done else ""
    messages = analysis.conformity_messages if analysis else []
    refused = analysis is not None and analysis.state == AnalysisState.REFUSED
    return {
        "verdict": {
            "state": analysis.state.lower() if analysis else "",
            "ok": status == verdicts.Status.OK if done else None,
            "status": verdicts.Status.CONFORMITY.value if refused else status,
            "score": verdicts.score(judged) if done else None,
            "engine": analysis.engine if analysis else "",
            "corrected": any(each["corrected"] for each in tasks),
            "finished_at": iso(analysis.finished_at) if analysis else None,
            "messages": messages,
            "messages_text": "\n".join(each["message"] for each in messages),
            "tasks": tasks,
            "tasks_text": "\n".join(f"{each['sentence']} {each['text'] or each['value']}" for each in tasks),
        },
        "task": {each["name"]: each["value"] for each in tasks},
        "photo": _photo(analysis),
    }


def _task(fact: verdicts.TaskFacts, row: TaskOutcome) -> dict[str, Any]:
    judged = verdicts.verdict(fact, Outcome(row.analyzed_value, row.corrected_value))
    return {
        "name": fact.name,
        "sentence": row.task.sentence("en"),
        "value": judged.value,
        "validated": judged.validated,
        "corrected": row.corrected_at is not None,
        "text": judged.rule.sentence("en") if judged.rule else "",
    }


def _photo(analysis: Analysis | None) -> dict[str, Any]:
    if analysis is None:
        return {}
    row = analysis.input
    kept = Photo.objects.filter(pk=row.photo_id or 0).first()
    return {
        "id": str(row.uuid),
        "number": row.number,
        "taken_at": iso(row.taken_at),
        "received_at": iso(row.created_at),
        "link": photos.link(kept) if kept else None,
        "thumbnail": photos.link(kept, size="small") if kept else None,
        "sha256": row.sha256,
    }


def photo_file(source_id: str) -> tuple[str, str, bytes]:
    """Return name, content type and bytes of the photo. :raises Photo.DoesNotExist: :raises FileNotFoundError:"""
    analysis = _latest(WorkItem.objects.get(pk=source_id))
    kept = Photo.objects.get(pk=(analysis.input.photo_id if analysis else None) or 0)
    return kept.file_name, kept.content_type, photos.content_of(kept)


def lock(source_id: str) -> None:
    """Wait for an analysis of the order that is just being stored, and let the next one wait."""
    orders.lock(int(source_id))


def joined(source_id: str, subject: str) -> None:
    """Note what an operator decided, and publish what was found out before: now it has a record to go to."""
    order = FieldOrder.objects.select_related("site").get(pk=source_id)
    orders.set_subject(order, subject)
    rows = Analysis.objects.filter(input__item__order=order, state__in=analysing.FINISHED)
    found = rows.select_related("input__item").order_by("input__item", "input__number", "pk")
    for analysis in {each.input.item_id: each for each in found}.values():
        item = analysis.input.item
        item.order = order
        told = analysing.told_of(analysis)
        at = analysis.finished_at or clock.now()
        telling.tell_of_item(item, telling.FINISHED, told=told, occurred_at=at, reason=Reason.OPERATOR)
