"""The sources that mappings and scripts may write from: sessions and calls, each with its order and link data."""

from typing import Any

from integrations.core.platforms import ContextField, ContextKind, register_context
from integrations.inbox import services as inbox
from integrations.platforms.worklink import taking
from integrations.platforms.worklink.calls import context as calls
from integrations.platforms.worklink.calls.kind import CALLS
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.models import CallSession, ScenarioSession, Stored
from integrations.platforms.worklink.sessions import context as sessions
from integrations.platforms.worklink.sessions.kind import SESSIONS
from integrations.workorders.models import WorkOrder
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, order_facts

CONNECTION_FIELDS = (
    ContextField("connection.slug", "text", "Connection: short name"),
    ContextField("connection.name", "text", "Connection: name"),
    ContextField("connection.environment", "text", "Connection: environment"),
)
# All that the launching link carried beside its target: the names are the customer's own.
LINK_DATA = "externalData"
SHARED_FIELDS = (*ORDER_FIELDS, *CONNECTION_FIELDS, ContextField(LINK_DATA, "object", "Link: all of its data"))


def load_session(source_id: str) -> dict[str, Any]:
    """:raises ScenarioSession.DoesNotExist:"""
    row = ScenarioSession.objects.select_related("connection").get(pk=source_id)
    latest = sessions.latest_finished(row)
    own = sessions.session_facts(row)
    return {
        "session": own,
        "latest": own if latest.pk == row.pk else sessions.session_facts(latest),
        "answer": sessions.answers_by_prompt(row),
        **_shared(row),
    }


def load_call(source_id: str) -> dict[str, Any]:
    """:raises CallSession.DoesNotExist:"""
    row = CallSession.objects.select_related("connection").get(pk=source_id)
    return {"call": calls.call_facts(row), **_shared(row)}


def _shared(row: Stored) -> dict[str, Any]:
    connection = row.connection
    return {
        LINK_DATA: row.external_data,
        "order": order_facts(_order(row)),
        "connection": {
            "slug": connection.slug,
            "name": connection.name,
            "environment": connection.environment,
        },
    }


def _order(row: Stored) -> WorkOrder | None:
    kind, _, pk = row.subject.partition("/")
    return WorkOrder.objects.filter(pk=pk).first() if kind == "workorder" else None


def _joined(kind: Kind[Any]) -> Any:
    def joined(source_id: str, subject: str) -> None:
        """Note what an operator decided on the rows of a session or call."""
        row = kind.model._default_manager.get(pk=source_id)
        taking.set_subject(kind, row, subject)
        inbox.set_subject(row.connection_id, kind.resource_type, row.resource_id, subject)

    return joined


def register() -> None:
    register_context(
        ContextKind(
            source_type=SESSIONS.source_type,
            label="WorkLink session",
            event_types=(SESSIONS.joined_event, SESSIONS.updated_event),
            fields=(*sessions.FIELDS, *sessions.LATEST_FIELDS, *SHARED_FIELDS),
            load=load_session,
            open_paths=(LINK_DATA, *sessions.OPEN_PATHS, *ORDER_OPEN_PATHS),
            joined=_joined(SESSIONS),
        )
    )
    register_context(
        ContextKind(
            source_type=CALLS.source_type,
            label="WorkLink call",
            event_types=(CALLS.joined_event, CALLS.updated_event),
            fields=(*calls.FIELDS, *SHARED_FIELDS),
            load=load_call,
            open_paths=(LINK_DATA, *ORDER_OPEN_PATHS),
            joined=_joined(CALLS),
        )
    )
