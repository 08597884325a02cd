"""What a mapping would write of the newest fact it fits, without asking or sending anything."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.core.platforms import context_kind
from integrations.events.models import Event
from integrations.sync.expressions import ExpressionError, holds
from integrations.sync.given import fields_over
from integrations.sync.mappings import House, mapped, nested
from integrations.sync.models import Operation
from integrations.sync.plans import Plan, load
from integrations.sync.rendering import message_of
from integrations.sync.script_source import SCRIPT
from integrations.sync.templates import TemplateError, fill

# Known only once the record was looked up, or the write has its key.
UNKNOWN = {"record": {"id": "RECORD"}, "key": "KEY", "child": {"id": "CHILD"}, "external_id": "EXTERNAL-ID"}


@dataclass(frozen=True)
class Preview:
    """`fields` by dotted target; `request` as the ledger would keep it; `problems` as sentences."""

    source_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    wanted: bool = True
    problems: tuple[str, ...] = ()


def preview(operation: Operation) -> Preview:
    """Render the mapping for the newest event it fits; what cannot be made becomes a problem's sentence."""
    if operation.source_type == SCRIPT:
        return Preview(problems=("Scripts alone use this mapping: try it by the dry run of one.",))
    fitting = Event.objects.filter(source_type=operation.source_type, type__in=operation.event_types)
    event = fitting.order_by("-pk").only("source_id", "payload").first()
    if event is None:
        return Preview(problems=("Nothing has happened yet that this mapping answers to.",))
    try:
        facts = context_kind(operation.source_type).load(event.source_id)
        external_id = event.payload.get("records", {}).get(str(operation.connection_id), UNKNOWN["external_id"])
        return rendered(load(operation.pk), {**facts, **UNKNOWN, "external_id": external_id}, event.source_id)
    except ObjectDoesNotExist:
        return Preview(event.source_id, problems=("The newest fact that it fits is not kept any more.",))
    except (LookupError, TemplateError, ExpressionError) as error:
        return Preview(event.source_id, problems=(str(error),))


def rendered(plan: Plan, context: dict[str, Any], source_id: str) -> Preview:
    """Return what would be sent. :raises TemplateError: :raises ExpressionError:"""
    operation = plan.operation
    house = House(operation.connection.time_zone, operation.connection.date_format)
    made = mapped(plan.rules, context, house)
    fields = fields_over(operation, made.values, context.get("input"))
    context = {"file": {"name": "FILE"}, **context, "fields": nested(fields)}
    context["marker"] = str(fill(operation.marker, context)) if operation.marker else ""
    wanted = holds(operation.condition, context) if operation.condition else True
    return Preview(source_id, fields, message_of(plan, context).kept(), wanted, made.problems)
