"""The table of runs for analysts. Its columns are contracts: add at the end, never rename."""

from integrations.core.analyst_tables import Column, Family, Sql, Table, register, same

JOB = Sql(
    "CASE WHEN t.subject LIKE 'workorder/%' THEN substr(t.subject, 11)::bigint END",
    "CASE WHEN t.subject LIKE 'workorder/%' THEN CAST(substr(t.subject, 11) AS INTEGER) END",
)
RUNS = Table(
    name="runs",
    about="One row for each run of an integration script that has ended",
    key=("run_id",),
    source=same(
        "scripts_scriptrun t JOIN scripts_script s ON s.id = t.script_id "
        "LEFT JOIN scripts_scriptversion v ON v.id = t.version_id WHERE t.ended_at IS NOT NULL"
    ),
    columns=[
        Column("run_id", "whole", "The run's number here; key", same("t.id")),
        Column("script", "text", "Short name of the script", same("s.slug")),
        Column("version", "whole", "Its version that ran", same("v.number")),
        Column("trigger", "text", "EVENT, BATCH, SCHEDULE or HAND", same("t.trigger")),
        Column("event_type", "text", "Type of the event that it ran on", same("t.event_type")),
        Column("job_id", "whole", "The job that it was about", JOB),
        Column("state", "text", "DONE, SKIPPED or FAILED", same("t.state")),
        Column("note", "text", "The sentence that explains the state", same("t.note")),
        Column("attempts", "whole", "How often it was tried", same("t.attempts")),
        Column("replays", "whole", "How often it was replayed", same("t.replays")),
        Column("occurred_at", "time", "When what it ran on happened", same("t.occurred_at")),
        Column("started_at", "time", "When its last try began", same("t.started_at")),
        Column("ended_at", "time", "When it ended", same("t.ended_at")),
        Column("wall_seconds", "number", "How long its last try took, in seconds", same("t.wall_seconds")),
        Column("cpu_seconds", "number", "Processor time of its last try, in seconds", same("t.cpu_seconds")),
        Column("created_at", "time", "When it was asked for", same("t.created_at")),
        Column("row_changed_at", "time", "When this row was last written here", same("t.ended_at")),
    ],
)


def register_tables() -> None:
    register(Family("run_id", "row_changed_at", [RUNS], order=5))
