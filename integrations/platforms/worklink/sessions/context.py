"""What mappings and scripts may use of a session."""

from dataclasses import asdict
from typing import Any

from integrations.core.platforms import ContextField
from integrations.platforms.worklink.mapping import inner, iso, text_of
from integrations.platforms.worklink.models import ScenarioSession
from integrations.platforms.worklink.sessions import facts

FACTS = (
    ("id", "text", "global id"),
    ("database_id", "text", "number in the CMS"),
    ("state", "text", "state, as WorkLink calls it"),
    ("outcome", "text", "open, completed, incomplete, or ended (no step data)"),
    ("final", "boolean", "whether it has ended"),
    ("type", "text", "PERSISTENT or PASSIVE"),
    ("started_at", "time", "start"),
    ("ended_at", "time", "end"),
    ("seconds", "number", "seconds it took"),
    ("minutes", "number", "minutes it took, rounded"),
    ("idle", "number", "idle time, in the vendor's unit"),
    ("steps", "number", "steps there are"),
    ("steps_viewed", "number", "steps viewed"),
    ("percent", "number", "steps viewed in per cent"),
    ("user", "text", "who worked on it last"),
    ("users", "list", "everyone who worked on it"),
    ("users_text", "text", "their names, separated by commas"),
    ("scenario", "text", "name of the scenario"),
    ("scenario_id", "text", "id of the scenario"),
    ("scenario_version", "text", "version that was run"),
    ("scenario_group", "text", "group of the scenario"),
    ("answers", "list", "form answers: step, prompt, type, value, at, by"),
    ("answers_text", "text", "form answers, one a line"),
    ("photos", "number", "how many photos were taken"),
    ("link_check", "text", "link it was started from: none, issued, edited or foreign"),
    ("after_close", "boolean", "whether its order was closed when it began"),
    ("incomplete", "boolean", "whether parts of it could not be read"),
    ("read_at", "time", "when it was read"),
)
FIELDS = tuple(ContextField(f"session.{name}", kind, f"Session: {label}") for name, kind, label in FACTS)
# Job-level fields of an order with several sessions take the latest finished one (E8).
LATEST_FIELDS = tuple(
    ContextField(f"latest.{name}", kind, f"Latest finished session of the order: {label}")
    for name, kind, label in FACTS
)
# What a person answered to a prompt; the prompts are the customer's own.
OPEN_PATHS = ("answer",)


def session_facts(row: ScenarioSession) -> dict[str, Any]:
    """Return the facts as JSON values."""
    document, answers = row.document, facts.answers_of(row.document)
    release = inner(document, "scenarioRelease")
    return {
        "id": row.resource_id,
        "database_id": row.database_id,
        "state": row.vendor_state,
        "outcome": row.outcome,
        "final": row.ended_at is not None,
        "type": row.session_type,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "seconds": row.seconds,
        "minutes": None if row.seconds is None else round(row.seconds / 60),
        "idle": document.get("idleDuration"),
        "steps": row.steps_possible,
        "steps_viewed": row.steps_viewed,
        "percent": facts.percent_of(row.steps_viewed, row.steps_possible),
        "user": row.users[-1] if row.users else "",
        "users": row.users,
        "users_text": ", ".join(row.users),
        "scenario": row.scenario_name,
        "scenario_id": text_of(inner(release, "scenario", "id")),
        "scenario_version": text_of(inner(release, "version")),
        "scenario_group": text_of(inner(release, "scenario", "originGroup", "name")),
        "answers": [asdict(each) | {"at": iso(each.at)} for each in answers],
        "answers_text": "\n".join(_line(each) for each in answers),
        "photos": facts.photo_count(document),
        "link_check": row.link_check,
        "after_close": row.after_close,
        "incomplete": row.incomplete,
        "read_at": iso(row.read_at),
    }


def answers_by_prompt(row: ScenarioSession) -> dict[str, Any]:
    """Return the last answer to each prompt."""
    return {each.prompt: each.value for each in facts.answers_of(row.document) if each.prompt}


def _line(answer: facts.Answer) -> str:
    value = answer.value
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return ": ".join(each for each in (answer.step, answer.prompt, said) if each)
