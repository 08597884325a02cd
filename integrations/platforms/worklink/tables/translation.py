"""A document in our words, as analysts get it: what the views unpack. Pure.

It is made from the facts that mappings and scripts get, when an object is stored, so that there is one reading of the
vendor's documents and not a second one in SQL. Raise VERSION when it changes: rows are then translated anew.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.platforms.worklink import mapping
from integrations.platforms.worklink.calls import facts as calls
from integrations.platforms.worklink.mapping import inner, node_list, number_of, text_of, time_of
from integrations.platforms.worklink.sessions import facts as sessions

VERSION = 1
Document = Mapping[str, Any]
Row = dict[str, Any]


def session_tables(document: Document) -> Row:
    """Return a session's own facts, its steps and its form answers."""
    release = inner(document, "scenarioRelease")
    answers = sessions.answers_of(document)
    parts = sessions.parts_in_order(document)
    return {
        "facts": {
            "scenario_id": text_of(inner(release, "scenario", "id")),
            "scenario_version": text_of(inner(release, "version")),
            "scenario_group": text_of(inner(release, "scenario", "originGroup", "name")),
            "idle": number_of(document.get("idleDuration")),
            "people": ", ".join(mapping.names_of([part.get("createdBy") for part in parts])),
            "parts": len(parts),
            "photos": sessions.photo_count(document),
        },
        "steps": [_step(step) for step in node_list(document.get("steps"))],
        "answers": [_answer(answer) for answer in answers],
    }


def _step(node: Row) -> Row:
    return {
        "id": text_of(node.get("id")),
        "name": text_of(inner(node, "scenarioStep", "name")),
        "order": mapping.count_of(inner(node, "scenarioStep", "orderIndex")),
        "sequence": text_of(inner(node, "scenarioStep", "scenarioSequence", "name")),
        "started_at": timestamp(time_of(node.get("startedAt"))),
        "ended_at": timestamp(time_of(node.get("endedAt"))),
    }


def _answer(answer: sessions.Answer) -> Row:
    return {
        "step": answer.step,
        "prompt": answer.prompt,
        "type": answer.type,
        "text": value_text(answer.value),
        "number": None if isinstance(answer.value, bool) else number_of(answer.value),
        "answered_at": timestamp(answer.at),
        "answered_by": answer.by,
    }


def value_text(value: Any) -> str:
    """Return an answer as text: lists separated by “; ”, truths as yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(value_text(each) for each in value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else str(value)


def call_tables(document: Document) -> Row:
    """Return a call's own facts and its participants."""
    people = calls.call_facts(document, unit=None).participants
    return {
        "facts": {
            "outcome": calls.outcome_of(document),
            "caller": text_of(inner(document, "createdBy", "name")),
            "screenshots": calls.photo_count(document),
        },
        "participants": [_participant(each) for each in people],
    }


def _participant(person: Row) -> Row:
    times = {name: timestamp(time_of(person.get(name))) for name in ("joined_at", "left_at")}
    return {"name": person["name"], "role": person["role"], **times}


def timestamp(at: datetime | None) -> str | None:
    """Return a time (UTC) as the views take it: always of the same width."""
    return at.isoformat(timespec="microseconds") if at else None
