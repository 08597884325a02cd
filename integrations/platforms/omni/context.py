"""What mappings and scripts may use of a recognition that was joined to a work order."""

from typing import Any

from integrations.core.platforms import ContextField, ContextKind, register_context
from integrations.events.omni_wire import masked
from integrations.platforms.omni.joining import JOINED, SOURCE
from integrations.platforms.omni.models import Recognition
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, facts_of_order, iso, order_facts

FIELDS = (
    ContextField("recognition.id", "text", "Recognition: id of the event"),
    ContextField("recognition.type", "text", "Recognition: type, such as identification or roi"),
    ContextField("recognition.at", "time", "Recognition: when it was detected"),
    ContextField("recognition.activity", "text", "Recognition: id of the activity"),
    ContextField("recognition.rule", "text", "Recognition: the rule that joined it"),
    ContextField("recognition.profiles", "list", "Recognition: ids of the profiles, the most confident first"),
    ContextField("recognition.confidence", "number", "Recognition: highest confidence, 0 to 1"),
    ContextField("camera.id", "text", "Camera: id"),
    ContextField("camera.title", "text", "Camera: title"),
    ContextField("camera.agent", "text", "Camera: id of its agent"),
    ContextField("details", "object", "What its type tells: region and state, line and direction, action"),
)


def register() -> None:
    register_context(
        ContextKind(
            source_type=SOURCE,
            label="Recognition",
            event_types=(JOINED,),
            fields=(*FIELDS, *ORDER_FIELDS),
            load=load,
            open_paths=("details", *ORDER_OPEN_PATHS),
        )
    )


def load(source_id: str) -> dict[str, Any]:
    """:raises Recognition.DoesNotExist:"""
    row = Recognition.objects.select_related("event").get(pk=source_id)
    event, kept = row.event, row.event.payload
    people = sorted(kept.get("candidates") or (), key=lambda each: -(each.get("confidence") or 0))
    camera = kept.get("camera") or {}
    kind, _, pk = row.subject.partition("/")
    return {
        "recognition": {
            "id": str(event.uuid),
            "type": event.type,
            "at": iso(event.occurred_at),
            "activity": kept.get("activity_id"),
            "rule": row.rule_name,
            "profiles": [each["profile"]["id"] for each in people],
            "confidence": people[0].get("confidence") if people else None,
        },
        "camera": {
            "id": camera.get("id"),
            "title": masked(camera.get("title") or ""),
            "agent": camera.get("agent_id"),
        },
        "details": kept.get(event.type) if isinstance(kept.get(event.type), dict) else {},
        "order": facts_of_order(int(pk)) if kind == "workorder" else order_facts(None),
    }
