"""The tables of sessions and calls for analysts. Their columns are contracts: add at the end, never rename."""

from integrations.core.analyst_tables import (
    PLACE,
    Column,
    Family,
    Sql,
    Table,
    counted,
    json_path,
    json_rows,
    json_time,
    numbered,
    register,
    same,
)

SESSION, CALL = "worklink_scenariosession", "worklink_callsession"
JOB = Sql(
    "CASE WHEN t.subject LIKE 'workorder/%' THEN substr(t.subject, 11)::bigint END",
    "CASE WHEN t.subject LIKE 'workorder/%' THEN CAST(substr(t.subject, 11) AS INTEGER) END",
)
LINK_DATA = Sql("t.external_data::text", "t.external_data")


def _own(table: str) -> Sql:
    return same(f"{table} t JOIN connections_connection c ON c.id = t.connection_id")


def _fact(name: str) -> Sql:
    return json_path("t.translation", "facts", name)


def _each(name: str) -> Sql:
    return json_path("e.value", name)


def _stored(noun: str) -> list[Column]:
    """The columns that sessions and calls begin with."""
    return [
        Column(f"{noun}_id", "whole", f"The {noun}'s number here; key", same("t.id")),
        Column("connection", "text", "Short name of the connection that it was read from", same("c.slug")),
        Column("vendor_id", "text", "Its global id in the CMS", same("t.resource_id")),
        Column("vendor_number", "text", "Its number in the CMS", same("t.database_id")),
        Column("state", "text", "Its state, as the CMS calls it", same("t.vendor_state")),
    ]


def _kept(noun: str) -> list[Column]:
    """The columns that sessions and calls end with."""
    return [
        Column("job_id", "whole", "The job that it belongs to; empty: none (yet)", JOB),
        Column("link_data", "text", "All that the launching link carried, as JSON", LINK_DATA),
        Column("is_incomplete", "truth", "Whether parts of it could not be read", same("t.incomplete")),
        Column("first_seen_at", "time", f"When the {noun} was first read", same("t.first_seen_at")),
        Column("changed_at", "time", "When a reading last brought other content", same("t.changed_at")),
        Column("row_changed_at", "time", "When this row was last written here", same("t.stored_at")),
    ]


SESSIONS = Table(
    name="sessions",
    about="One row for each run of a scenario",
    key=("session_id",),
    source=_own(SESSION),
    columns=[
        *_stored("session"),
        Column("outcome", "text", "open, completed, incomplete, or ended (no step data)", same("t.outcome")),
        Column("type", "text", "PERSISTENT, PASSIVE or DEMO", same("t.session_type")),
        Column("is_demo", "truth", "Whether it is a demo session: leave those out", same("t.session_type = 'DEMO'")),
        Column("scenario_id", "text", "Global id of the scenario", _fact("scenario_id")),
        Column("scenario", "text", "Name of the scenario", same("t.scenario_name")),
        Column("scenario_version", "text", "Version that was run", _fact("scenario_version")),
        Column("scenario_group", "text", "Group that the scenario belongs to", _fact("scenario_group")),
        Column("started_at", "time", "Start, by the device", same("t.started_at")),
        Column("ended_at", "time", "End; empty while it is open", same("t.ended_at")),
        Column("seconds", "number", "How long it took, in seconds", same("t.seconds")),
        Column("idle", "number", "Idle time, in the vendor's unit", numbered(_fact("idle"))),
        Column("steps", "whole", "Steps there are", same("t.steps_possible")),
        Column("steps_viewed", "whole", "Steps viewed", same("t.steps_viewed")),
        Column(
            "percent_viewed",
            "number",
            "Steps viewed in per cent of the steps, not rounded",
            same("100.0 * t.steps_viewed / NULLIF(t.steps_possible, 0)"),
        ),
        Column("people", "text", "Who worked on it, separated by commas", _fact("people")),
        Column("parts", "whole", "How often it was begun or resumed", counted(_fact("parts"))),
        Column("photos", "whole", "Photos taken", counted(_fact("photos"))),
        *_kept("session"),
    ],
)

SESSION_STEPS = Table(
    name="session_steps",
    about="One row for each step that was viewed in a session",
    key=("session_id", "position"),
    source=json_rows(SESSION, "translation", "steps"),
    columns=[
        Column("session_id", "whole", "The session; key", same("t.id")),
        Column("position", "whole", "Its place among the steps viewed, from 1; key", PLACE),
        Column("step_id", "text", "Global id in the CMS", _each("id")),
        Column("step", "text", "Name of the step", _each("name")),
        Column("step_order", "whole", "Its place in the scenario, as the CMS counts", counted(_each("order"))),
        Column("sequence", "text", "The part of the scenario that it belongs to", _each("sequence")),
        Column("started_at", "time", "When it was entered, where the CMS tells it", json_time("e.value", "started_at")),
        Column("ended_at", "time", "When it was left, where the CMS tells it", json_time("e.value", "ended_at")),
    ],
)

FORM_ANSWERS = Table(
    name="form_answers",
    about="One row for each form response of a session, photos apart",
    key=("session_id", "position"),
    source=json_rows(SESSION, "translation", "answers"),
    columns=[
        Column("session_id", "whole", "The session; key", same("t.id")),
        Column("position", "whole", "Its place among the answers, from 1; key", PLACE),
        Column("step", "text", "Name of the step that it was given on", _each("step")),
        Column("prompt", "text", "The question", _each("prompt")),
        Column("type", "text", "Type of the answer, as the CMS calls it", _each("type")),
        Column("value", "text", "The answer; several separated by “; ”, truths as yes and no", _each("text")),
        Column("value_number", "number", "The answer, where it is a number", numbered(_each("number"))),
        Column("answered_at", "time", "When, by the device", json_time("e.value", "answered_at")),
        Column("answered_by", "text", "Who answered, where the CMS tells it", _each("answered_by")),
    ],
)

CALLS = Table(
    name="calls",
    about="One row for each remote-assistance call",
    key=("call_id",),
    source=_own(CALL),
    columns=[
        *_stored("call"),
        Column("outcome", "text", "open, connected or unanswered", _fact("outcome")),
        Column("started_at", "time", "Start of the ringing", same("t.started_at")),
        Column("connected_at", "time", "When it was answered", same("t.connected_at")),
        Column("ended_at", "time", "End; empty while it is open", same("t.ended_at")),
        Column("seconds", "number", "How long they spoke, in seconds", same("t.seconds")),
        Column("caller", "text", "Who called", _fact("caller")),
        Column("screenshots", "whole", "Screenshots taken", counted(_fact("screenshots"))),
        *_kept("call"),
    ],
)

CALL_PARTICIPANTS = Table(
    name="call_participants",
    about="One row for each participant of a call",
    key=("call_id", "position"),
    source=json_rows(CALL, "translation", "participants"),
    columns=[
        Column("call_id", "whole", "The call; key", same("t.id")),
        Column("position", "whole", "Their place among the participants, from 1; key", PLACE),
        Column("name", "text", "Name, or else the e-mail address", _each("name")),
        Column("role", "text", "Role, as the CMS calls it", _each("role")),
        Column("joined_at", "time", "When they joined, where the CMS tells it", json_time("e.value", "joined_at")),
        Column("left_at", "time", "When they left, where the CMS tells it", json_time("e.value", "left_at")),
    ],
)


def _of(source_type: str) -> Sql:
    found = "CASE WHEN t.source_type = '" + source_type + "' THEN CAST(t.source_id AS {0}) END"
    return Sql(found.format("bigint"), found.format("INTEGER"))


PHOTOS = Table(
    name="photos",
    about="One row for each photo of a session and each screenshot of a call that is kept here",
    key=("photo_id",),
    source=same("workorders_photo t WHERE t.source_type IN ('worklink.session', 'worklink.call')"),
    columns=[
        Column("photo_id", "whole", "The photo's number here; key", same("t.id")),
        Column("session_id", "whole", "The session that it was taken in", _of("worklink.session")),
        Column("call_id", "whole", "The call that it was taken in", _of("worklink.call")),
        Column("vendor_id", "text", "Global id of the event or file in the CMS", same("t.external_id")),
        Column("label", "text", "The step and the prompt that it answers", same("t.label")),
        Column("taken_at", "time", "When, by the device", same("t.taken_at")),
        Column("content_type", "text", "image/jpeg or image/png", same("t.content_type")),
        Column("bytes", "whole", "Size of the file, in bytes", same("t.bytes")),
        Column("width", "whole", "Pixels", same("t.width")),
        Column("height", "whole", "Pixels", same("t.height")),
        Column("sha256", "text", "Fingerprint of the file as it is kept", same("t.sha256")),
        Column("row_changed_at", "time", "When it was kept", same("t.created_at")),
    ],
)


def register_tables() -> None:
    register(Family("session_id", "row_changed_at", [SESSIONS, SESSION_STEPS, FORM_ANSWERS], order=1))
    register(Family("photo_id", "row_changed_at", [PHOTOS], order=2))
    register(Family("call_id", "row_changed_at", [CALLS, CALL_PARTICIPANTS], order=3))
