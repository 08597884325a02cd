"""A script with versions, a run that wrote, one that failed and one that waits; for pages that are looked at."""

from datetime import datetime, timedelta
from typing import Any

from integrations.connections.models import Connection
from integrations.core.work import WorkState
from integrations.scripts import services
from integrations.scripts.models import (
    RunState,
    Script,
    ScriptCall,
    ScriptGrant,
    ScriptLane,
    ScriptRun,
    ScriptTimer,
    ScriptValue,
    Trigger,
)
from integrations.sync.models import RecordLane, RecordWrite, Verdict, WriteKind, WriteState

FIRST = """// Tells the job how far the session got.
async function run(ctx) {
  const s = ctx.session;
  if (!s) return ctx.skip("no session");
  await ctx.http.patch(`/jobs/${s.id}`, { json: { state: s.state } });
  return { target: s.id };
}
"""
SECOND = FIRST.replace("{ state: s.state }", "{ state: s.state, percent: s.percentComplete }")
SCHEMA = {
    "required": ["linkKey"],
    "properties": {
        "linkKey": {"type": "string", "title": "Key of the link", "description": "Which part names the job."},
        "threshold": {"type": "integer", "minimum": 0, "maximum": 100, "default": 80},
        "level": {"enum": ["brief", "full"], "default": "brief"},
        "notify": {"type": "boolean", "description": "Tell the planner too."},
        "names": {"type": "array", "items": {"type": "string"}},
    },
}


def make_script(slug: str, *, connection: Connection, now: datetime, **values: Any) -> Script:
    """A script with two versions, the first of them published."""
    defaults: dict[str, Any] = {
        "slug": slug,
        "name": "Progress of jobs",
        "about": "Writes state and progress of a session into its job.",
        "event_types": ["session.joined", "session.updated"],
        "condition": "session.final",
        "cron": "0 6 * * 1-5",
        "time_zone": "Europe/Zurich",
        "settings_schema": SCHEMA,
        "settings": {"linkKey": "work_order_id"},
        "secrets": {"API_KEY": f"script-secret-{slug}"},
        "allow_hosts": ["weather.example.com"],
    }
    script = Script.objects.create(**defaults | values)
    ScriptGrant.objects.create(script=script, name="jobs", connection=connection, is_target=True)
    first = services.save_version(script, FIRST, author="r.keller", note="First attempt", now=now - timedelta(days=2))
    services.note_tested(first, now=now - timedelta(days=2))
    services.publish(first, by="r.keller", now=now)
    services.save_version(script, SECOND, author="a.meier", note="Percent too", now=now)
    script.refresh_from_db()
    return script


def make_runs(script: Script, *, connection: Connection, subject: str, now: datetime) -> dict[str, ScriptRun]:
    """Three runs in one lane: done with a write, failed with an error, waiting with a log so far."""
    lane = ScriptLane.objects.create(script=script, key=subject, state=WorkState.DONE, subject=subject)
    shared: dict[str, Any] = {"lane": lane, "script": script, "version": script.active_version, "subject": subject}
    shared |= {"source_type": "worklink.session", "source_id": "1", "event_type": "session.updated"}
    shared |= {"occurred_at": now, "started_at": now, "first_tried_at": now, "attempts": 1}
    line = {"at": now.isoformat(), "level": "info", "message": "job found", "data": {"jobId": "J-7"}}
    done = ScriptRun.objects.create(
        **shared,
        state=RunState.DONE,
        note="Returned.",
        ending="RETURNED",
        result={"target": "J-7"},
        input={"session": {"id": "J-7", "state": "COMPLETED"}},
        logs=[line, line | {"level": "warn", "message": "no end yet <b>"}],
        wall_seconds=0.21,
        cpu_seconds=0.004,
        ended_at=now,
    )
    failed = ScriptRun.objects.create(
        **shared,
        state=RunState.FAILED,
        note="The script gave up: bad mapping Correct the script or its data, then replay the run.",
        error={"name": "Error", "message": "bad mapping", "line": 4},
        ended_at=now,
    )
    waiting = ScriptRun.objects.create(**shared, trigger=Trigger.EVENT, note="Next try at 12:00:05 UTC.", logs=[line])
    write = make_write(done, connection=connection, now=now)
    ScriptCall.objects.create(
        run=done, attempt=1, ordinal=1, kind="http", title="GET /jobs/J-7", status=200, answer='{"id": "J-7"}',
        milliseconds=80.0, request={"query": {"a": 1}},
    )  # fmt: skip
    ScriptCall.objects.create(
        run=done, attempt=1, ordinal=2, kind="http", title="PATCH /jobs/J-7", status=200, milliseconds=120.0,
        request={"json": {"state": "COMPLETED"}}, write_id=write.pk,
    )  # fmt: skip
    return {"done": done, "failed": failed, "waiting": waiting}


def make_write(run: ScriptRun, *, connection: Connection, now: datetime) -> RecordWrite:
    lane, _ = RecordLane.objects.get_or_create(connection=connection, record_key=f"J-{run.pk}")
    return RecordWrite.objects.create(
        lane=lane,
        kind=WriteKind.RAW,
        origin=run.origin,
        ordinal=1,
        name=f"{run.script.slug}#1",
        source_type=run.source_type,
        source_id=run.source_id,
        occurred_at=now,
        state=WriteState.DONE,
        verdict=Verdict.UNVERIFIED,
        note="The system answered with success; nothing is read back.",
        subject=run.subject,
        request={"method": "PATCH", "url": "https://sor.example.test/jobs/J-7", "body": {"state": "COMPLETED"}},
        answer_status=200,
    )


def make_scripts(number: int, *, connection: Connection, subject: str, now: datetime) -> dict[str, Any]:
    """All of it, named by `number`."""
    script = make_script(f"progress-{number}", connection=connection, now=now)
    runs = make_runs(script, connection=connection, subject=subject, now=now)
    ScriptValue.objects.create(script=script, key="seen:J-7", value={"at": 1})
    ScriptTimer.objects.get_or_create(script=script)
    return {"script": script, "runs": runs, "run": runs["failed"]}
