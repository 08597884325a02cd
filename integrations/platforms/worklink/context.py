"""The sources that mappings and scripts may write from: sessions and calls, each with its order and link data."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from integrations.core.platforms import ContextField, ContextKind, ScriptFacts, register_context
from integrations.core.statements import Reading
from integrations.inbox import services as inbox
from integrations.platforms.worklink import taking
from integrations.platforms.worklink.calls import context as calls
from integrations.platforms.worklink.calls.kind import CALLS
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.mapping import iso
from integrations.platforms.worklink.models import CallSession, ScenarioSession
from integrations.platforms.worklink.sessions import context as sessions
from integrations.platforms.worklink.sessions.facts import answers_of
from integrations.platforms.worklink.sessions.kind import SESSIONS
from integrations.workorders.models import WorkOrder
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, facts_of_order, order_facts

CONNECTION_FIELDS = (
    ContextField("connection.slug", "text", "Connection: short name"),
    ContextField("connection.name", "text", "Connection: name"),
    ContextField("connection.environment", "text", "Connection: environment"),
)
# All that the launching link carried beside its target: the names are the customer's own.
LINK_DATA = "externalData"
# The session of the same order that ended last.
_LATEST = """(SELECT other.id FROM worklink_scenariosession other
WHERE other.connection_id = t.connection_id AND other.subject = t.subject AND t.subject <> ''
AND other.ended_at IS NOT NULL AND other.session_type <> 'DEMO' ORDER BY other.ended_at DESC, other.id DESC LIMIT 1)"""
_BY_ID = "JOIN connections_connection c ON c.id = t.connection_id WHERE t.id = %s"
_CONNECTION = {
    "connection_slug": "c.slug",
    "connection_name": "c.name",
    "connection_environment": "c.environment",
}
_SESSIONS = Reading(ScenarioSession, _BY_ID, extra=_CONNECTION | {"latest_id": _LATEST})
_CALLS = Reading(CallSession, _BY_ID, extra=_CONNECTION)
SHARED_FIELDS = (*ORDER_FIELDS, *CONNECTION_FIELDS, ContextField(LINK_DATA, "object", "Link: all of its data"))


def load_session(source_id: str) -> dict[str, Any]:
    """:raises ScenarioSession.DoesNotExist:"""
    row = _read(_SESSIONS, source_id)
    own = sessions.session_facts(row)
    latest = row.latest_id or row.pk
    return {
        "session": own,
        "latest": own if latest == row.pk else sessions.session_facts(ScenarioSession.objects.get(pk=latest)),
        "answer": sessions.answers_by_prompt(row),
        **_shared(row),
    }


def load_call(source_id: str) -> dict[str, Any]:
    """:raises CallSession.DoesNotExist:"""
    row = _read(_CALLS, source_id)
    return {"call": calls.call_facts(row), **_shared(row)}


def _read(reading: Reading[Any], source_id: str) -> Any:
    """:raises ObjectDoesNotExist:"""
    rows = reading.rows(int(source_id))
    if not rows:
        raise reading.model.DoesNotExist
    return rows[0]


def _shared(row: Any) -> dict[str, Any]:
    kind, _, pk = row.subject.partition("/")
    return {
        LINK_DATA: row.external_data,
        "order": facts_of_order(int(pk)) if kind == "workorder" else order_facts(None),
        "connection": {
            "slug": row.connection_slug,
            "name": row.connection_name,
            "environment": row.connection_environment,
        },
    }


def _joined(kind: Kind[Any]) -> Any:
    def joined(source_id: str, subject: str) -> None:
        """Note what an operator decided on the rows of a session or call."""
        row = kind.model._default_manager.get(pk=source_id)
        taking.set_subject(kind, row, subject)
        taking.note_close(kind, row, _order(subject))
        inbox.set_subject(row.connection_id, kind.resource_type, row.resource_id, subject)

    return joined


def _order(subject: str) -> WorkOrder | None:
    name, _, pk = subject.partition("/")
    return WorkOrder.objects.filter(pk=pk).first() if name == "workorder" else None


def _lock(kind: Kind[Any]) -> Any:
    def lock(source_id: str) -> None:
        """Wait for a read of the session or call that is at work, and let the next one wait."""
        kind.model._default_manager.select_for_update().only("pk").filter(pk=source_id).first()

    return lock


def _script(kind: Kind[Any]) -> Callable[[str], ScriptFacts]:
    """Scripts get the object as the vendor names its fields, and form answers flattened (vendor sheet, 6.3)."""

    def facts_for_script(source_id: str) -> ScriptFacts:
        row = kind.model._default_manager.get(pk=source_id)
        shown = {**row.document, "id": row.resource_id, LINK_DATA: row.external_data}
        objects: dict[str, Any] = {"session": None, "call": None, "answers": []}
        if kind is SESSIONS:
            answers = [asdict(each) | {"at": iso(each.at)} for each in answers_of(row.document)]
            objects |= {"session": shown, "answers": answers}
        else:
            objects["call"] = shown
        return ScriptFacts(objects, row.connection_id, kind.resource_type, row.resource_id)

    return facts_for_script


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
            lock=_lock(SESSIONS),
            script=_script(SESSIONS),
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
            lock=_lock(CALLS),
            script=_script(CALLS),
        )
    )
