"""The tables for analysts: what the views show is what the pure facts say; their columns are contracts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils.dateparse import parse_datetime

from integrations.core import clock
from integrations.core.analyst_tables import Table, all_tables
from integrations.platforms.worklink import taking, translating
from integrations.platforms.worklink.calls import facts as calls
from integrations.platforms.worklink.calls.kind import CALLS
from integrations.platforms.worklink.mapping import inner, text_of, time_of
from integrations.platforms.worklink.models import CallSession, ScenarioSession
from integrations.platforms.worklink.sessions import facts
from integrations.platforms.worklink.sessions.kind import SESSIONS
from integrations.workorders.models import Photo
from tests.platforms.worklink.house import House

# Names are contracts: add at the end, and here. Nothing is renamed or taken away.
COLUMNS = {
    "sessions": "session_id connection vendor_id vendor_number state outcome type is_demo scenario_id scenario "
    "scenario_version scenario_group started_at ended_at seconds idle steps steps_viewed percent_viewed people parts "
    "photos job_id link_data is_incomplete first_seen_at changed_at row_changed_at",
    "session_steps": "session_id position step_id step step_order sequence started_at ended_at",
    "form_answers": "session_id position step prompt type value value_number answered_at answered_by",
    "photos": "photo_id session_id call_id vendor_id label taken_at content_type bytes width height sha256 "
    "row_changed_at",
    "calls": "call_id connection vendor_id vendor_number state outcome started_at connected_at ended_at seconds caller "
    "screenshots job_id link_data is_incomplete first_seen_at changed_at row_changed_at",
    "call_participants": "call_id position name role joined_at left_at",
    "jobs": "job_id job system title asset site status priority assignee opened_at resolved_at is_closed is_stub "
    "created_at row_changed_at",
    "runs": "run_id script version trigger event_type job_id state note attempts replays occurred_at started_at "
    "ended_at wall_seconds cpu_seconds created_at row_changed_at",
}


def rows_of(name: str) -> list[dict[str, Any]]:
    """What a view shows, as values of the same kinds on both databases."""
    table = next(each for each in all_tables() if each.name == name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table.view} ORDER BY {', '.join(table.key)}")
        names = [each[0] for each in cursor.description]
        return [_values(table, dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.name: _value(column.type, row[column.name]) for column in table.columns}


def _value(kind: str, value: Any) -> Any:
    if kind == "time" and value is not None:
        at: Any = parse_datetime(value) if isinstance(value, str) else value
        return at.replace(tzinfo=UTC)
    return bool(value) if kind == "truth" and value is not None else value


@pytest.fixture
def session(house: House) -> ScenarioSession:
    """A session with answers of every type, photos, and two people."""
    house.cms.set_settings(event_data_as_string=True)
    cms = house.cms
    started = cms.start_session({"work_order_id": "WO-1", "ctx": {"line": "4"}}, session_type="PERSISTENT")
    for kind in ("TEXT", "CHECKBOX", "NUMBER", "MULTI_OPTION", "BARCODE"):
        cms.view_steps(started)
        cms.answer(started, value_type=kind, prompt=f"{kind}?")
    cms.answer(started, value_type="TEXT", value="a \u0000 – 'quoted' “text”", prompt="odd")
    cms.take_photo(started, name="nameplate")
    cms.exit_session(started)
    cms.resume_session(started, user="Bruno Keller")
    cms.finish_session(started)
    house.work()
    return house.session()


def test_sessions_are_shown_as_the_facts_say(session: ScenarioSession) -> None:
    said = facts.session_facts(session.document, unit=None, threshold=100)
    assert said.steps_viewed is not None
    assert said.steps_possible is not None

    row = rows_of("sessions")[0]

    assert (row["started_at"], row["ended_at"]) == (said.started_at, said.ended_at)
    assert (row["outcome"], row["type"], row["is_demo"]) == ("completed", "PERSISTENT", False)
    assert (row["scenario"], row["scenario_version"]) == (said.scenario_name, "2.0")
    assert row["scenario_id"] == inner(session.document, "scenarioRelease", "scenario", "id")
    assert row["percent_viewed"] == 100 * said.steps_viewed / said.steps_possible
    assert (row["people"], row["parts"], row["photos"]) == (", ".join(said.users), 2, 1)
    assert row["job_id"] == int(session.subject.removeprefix("workorder/"))
    assert '"line"' in row["link_data"]
    assert row["row_changed_at"] == session.stored_at


def test_answers_are_shown_as_the_facts_say(session: ScenarioSession) -> None:
    said = facts.answers_of(session.document)

    rows = rows_of("form_answers")

    assert [row["prompt"] for row in rows] == [answer.prompt for answer in said]
    assert [row["value"] for row in rows[:5]] == ["No leak found", "yes", "4.2", "ok", "SN-11"]
    assert [row["value_number"] for row in rows[:3]] == [None, None, 4.2]
    assert [(row["step"], row["answered_at"], row["answered_by"]) for row in rows] == [
        (answer.step, answer.at, answer.by or None) for answer in said
    ]
    assert "'quoted' “text”" in rows[5]["value"]
    assert [row["position"] for row in rows] == list(range(1, 7))


def test_steps_are_shown_as_the_document_has_them(session: ScenarioSession) -> None:
    nodes = session.document["steps"]["nodes"]

    rows = rows_of("session_steps")

    assert [(row["step"], row["step_order"]) for row in rows] == [
        (node["scenarioStep"]["name"], node["scenarioStep"]["orderIndex"]) for node in nodes
    ]
    assert [row["started_at"] for row in rows] == [time_of(node["startedAt"]) for node in nodes]
    assert len(rows) == 5


def test_photos_are_shown_as_they_are_kept(session: ScenarioSession) -> None:
    photo = Photo.objects.get()
    row = rows_of("photos")[0]

    assert (row["session_id"], row["call_id"]) == (session.pk, None)
    assert (row["label"], row["vendor_id"], row["sha256"]) == (photo.label, photo.external_id, photo.sha256)
    assert (row["taken_at"], row["bytes"]) == (photo.taken_at, photo.bytes)


def test_calls_are_shown_as_the_facts_say(house: House) -> None:
    call = house.cms.start_call({"service_request_id": "SR-1"})
    house.cms.connect_call(call)
    house.cms.take_screenshot(call)
    house.cms.end_call(call)
    house.work()
    document = CallSession.objects.get().document
    said = calls.call_facts(document, unit=None)

    row = rows_of("calls")[0]
    people = rows_of("call_participants")

    assert (row["outcome"], row["connected_at"], row["ended_at"]) == ("connected", said.connected_at, said.ended_at)
    assert (row["caller"], row["screenshots"]) == (text_of(inner(document, "createdBy", "name")), 1)
    assert [(each["name"], each["role"]) for each in people] == [
        (each["name"], each["role"]) for each in said.participants
    ]
    assert [each["joined_at"] for each in people] == [time_of(each["joined_at"]) for each in said.participants]


def test_demo_sessions_are_shown_and_flagged(house: House) -> None:
    house.run_session(session_type="DEMO")
    house.work()

    assert [row["is_demo"] for row in rows_of("sessions")] == [True]


def test_a_job_is_shown_with_its_key(session: ScenarioSession) -> None:
    row = rows_of("jobs")[0]
    assert (row["job"], row["system"], row["is_stub"]) == ("WO-1", "erp", True)
    assert row["job_id"] == rows_of("sessions")[0]["job_id"]


@pytest.mark.django_db
def test_no_column_is_renamed_or_taken_away() -> None:
    assert {table.name: " ".join(each.name for each in table.columns) for table in all_tables()} == COLUMNS
    for table in all_tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table.view} LIMIT 0")
            assert [each[0] for each in cursor.description] == COLUMNS[table.name].split()


def test_what_an_older_version_stored_is_translated_once(session: ScenarioSession) -> None:
    shown = rows_of("form_answers")
    ScenarioSession.objects.update(translation={}, translated_by=0, stored_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert rows_of("form_answers") == []

    assert translating.translate_portion(SESSIONS) == 1
    assert translating.translate_portion(SESSIONS) == translating.translate_portion(CALLS) == 0

    assert rows_of("form_answers") == shown
    assert rows_of("sessions")[0]["row_changed_at"] > clock.now().replace(year=2021)


def test_an_operators_choice_is_a_change_for_analysts(house: House) -> None:
    house.run_session({"unknown": "1"})
    house.work()
    before = rows_of("sessions")[0]
    assert before["job_id"] is None

    taking.set_subject(SESSIONS, house.session(), "workorder/7")

    after = rows_of("sessions")[0]
    assert after["job_id"] == 7
    assert after["row_changed_at"] > before["row_changed_at"]
