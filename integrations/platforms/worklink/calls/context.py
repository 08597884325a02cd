"""What mappings and scripts may use of a call."""

from typing import Any

from integrations.core.platforms import ContextField
from integrations.platforms.worklink.calls import facts, recordings
from integrations.platforms.worklink.mapping import inner, iso, text_of, unique
from integrations.platforms.worklink.models import CallSession

FACTS = (
    ("id", "text", "global id"),
    ("database_id", "text", "number in the CMS"),
    ("state", "text", "state, as WorkLink calls it"),
    ("outcome", "text", "open, connected or unanswered"),
    ("final", "boolean", "whether it has ended"),
    ("started_at", "time", "start"),
    ("connected_at", "time", "when it connected"),
    ("ended_at", "time", "end"),
    ("seconds", "number", "seconds it took, from connecting"),
    ("minutes", "number", "minutes it took, rounded"),
    ("caller", "text", "who started it"),
    ("participants", "list", "participants: name, role, joined_at, left_at"),
    ("people", "list", "their names"),
    ("people_text", "text", "their names, separated by commas"),
    ("photos", "number", "how many screenshots were taken"),
    ("link_check", "text", "link it was started from: none, issued, edited or foreign"),
    ("after_close", "boolean", "whether its order was closed when it began"),
    ("recordings", "number", "how many recordings there are"),
    ("recording_url", "text", "where the first recording is opened, after signing in"),
    ("possible_twin", "boolean", "whether another call of the order has the same people at the same time"),
    ("incomplete", "boolean", "whether parts of it could not be read"),
    ("read_at", "time", "when it was read"),
)
FIELDS = tuple(ContextField(f"call.{name}", kind, f"Call: {label}") for name, kind, label in FACTS)


def call_facts(row: CallSession) -> dict[str, Any]:
    """Return the facts as JSON values."""
    people = unique([each.get("name", "") for each in row.participants])
    return {
        "id": row.resource_id,
        "database_id": row.database_id,
        "state": row.vendor_state,
        "outcome": facts.outcome_of(row.document),
        "final": row.ended_at is not None,
        "started_at": iso(row.started_at),
        "connected_at": iso(row.connected_at),
        "ended_at": iso(row.ended_at),
        "seconds": row.seconds,
        "minutes": None if row.seconds is None else round(row.seconds / 60),
        "caller": text_of(inner(row.document, "createdBy", "name")),
        "participants": row.participants,
        "people": people,
        "people_text": ", ".join(people),
        "photos": facts.photo_count(row.document),
        "link_check": row.link_check,
        "after_close": row.after_close,
        "recordings": len(facts.recordings_of(row.document)),
        "recording_url": recordings.address_of(row),
        "possible_twin": row.possible_twin_id is not None,
        "incomplete": row.incomplete,
        "read_at": iso(row.read_at),
    }
