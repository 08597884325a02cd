"""Rows to load, made in the database without a CMS, and what a store holds, read back by its own programs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.platforms.worklink.models import ScenarioSession
from integrations.platforms.worklink.options import options_of
from integrations.platforms.worklink.sessions.kind import SESSIONS
from tests.factories import make_connection

FIRST = datetime(2026, 3, 1, 8, tzinfo=UTC)
AGO = timedelta(hours=1)
ODD = "a “quoted”, 'odd' text;\nwith \"everything\" – and \\N"


def cms_of_rows() -> Connection:
    return Connection.objects.filter(slug="cms").first() or make_connection(platform="worklink", slug="cms", name="CMS")


def make_sessions(count: int, *, first: int = 1, answers: int = 2) -> list[ScenarioSession]:
    """Finished sessions an hour ago, each with two steps and some answers, numbers and odd texts among them."""
    connection = cms_of_rows()
    rows = [_session(connection, number, answers) for number in range(first, first + count)]
    return ScenarioSession.objects.bulk_create(rows)


def _session(connection: Connection, number: int, answers: int) -> ScenarioSession:
    document = document_of(number, answers)
    columns = SESSIONS.columns(document, options_of(connection), None)
    at = clock.now() - AGO
    return ScenarioSession(
        connection=connection,
        resource_id=document["id"],
        document=document,
        content_hash=str(number),
        generation=1,
        read_at=at,
        stored_at=at,
        changed_at=at,
        **columns,
    )


def document_of(number: int, answers: int) -> dict[str, Any]:
    started = FIRST + timedelta(minutes=number)
    names = ("Isolate", "Restart")
    return {
        "id": f"session-{number}",
        "databaseId": str(number),
        "state": "COMPLETED",
        "sessionType": "DEMO" if number % 10 == 0 else "PASSIVE",
        "startedAt": started.isoformat(),
        "endedAt": (started + timedelta(seconds=30)).isoformat(),
        "numberOfStepsPossible": 2,
        "numberOfStepsViewed": 2,
        "externalData": {"work_order_id": f"WO-{number}"},
        "steps": {"nodes": [{"id": f"s{n}", "scenarioStep": {"name": n, "orderIndex": 0}} for n in names]},
        "events": {"nodes": [_answer(number, place) for place in range(answers)]},
    }


def _answer(number: int, place: int) -> dict[str, Any]:
    value: Any = number * 1.5 if place == 0 else ODD
    data = {"prompt": f"Question {place}", "value": value, "user_name": ""}
    return {"id": f"e{place}", "valueType": "NUMBER" if place == 0 else "TEXT", "eventData": data}
