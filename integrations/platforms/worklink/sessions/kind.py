"""Scenario sessions as a kind of object."""

from dataclasses import asdict
from typing import Any

from integrations.platforms.worklink import names
from integrations.platforms.worklink.kinds import Document, Kind
from integrations.platforms.worklink.models import ScenarioSession, SessionType
from integrations.platforms.worklink.options import Options
from integrations.platforms.worklink.sessions import facts
from integrations.platforms.worklink.tables import translation

DEMO_NOTE = "A demo session: kept here, and nothing is made of it."


def _columns(document: Document, options: Options, unit: float | None) -> dict[str, Any]:
    own = asdict(facts.session_facts(document, unit=unit, threshold=options.completion_threshold))
    return own | {"translation": translation.session_tables(document), "translated_by": translation.VERSION}


def _title(row: ScenarioSession) -> str:
    return ", ".join([row.scenario_name or "Session", *row.users[:3]])


def _unwanted(row: ScenarioSession) -> str:
    return DEMO_NOTE if row.session_type == SessionType.DEMO else ""


def _told(row: ScenarioSession) -> dict[str, Any]:
    return {"outcome": row.outcome, "final": row.ended_at is not None}


SESSIONS = Kind(
    resource_type=names.SESSION,
    source_type="worklink.session",
    noun="session",
    model=ScenarioSession,
    columns=_columns,
    link_keys=lambda options: options.link_keys,
    title=_title,
    pictures=facts.pictures_of,
    photo_count=facts.photo_count,
    latest_time=facts.latest_time,
    unwanted=_unwanted,
    told=_told,
)
