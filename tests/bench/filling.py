"""A million sessions with their orders, calls, webhooks, events and writes, made by PostgreSQL itself.

One row of each kind is made by the models, then copied by `INSERT … SELECT` over a series of numbers `n`, with what
must differ put in. Indexes that hold no rule are made again at the end: so a million rows take seconds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.utils import timezone

from integrations.analytics import tally
from integrations.analytics.models import MeasuredJob, Recount
from integrations.analytics.services import _keep_words
from integrations.analytics.spread import EDGES
from integrations.connections.models import Connection, Workspace
from integrations.events.models import Event
from integrations.inbox.models import ReceivedWebhook, ResourceRefresh, WebhookSource
from integrations.platforms.worklink.models import CallSession, PhotoDownload, ScenarioSession
from integrations.scripts.models import Script, ScriptLane, ScriptRun
from integrations.sync.models import Operation, OperationKind, RecordLane, RecordWrite
from integrations.workorders.models import ExternalId, Join, Photo, WorkOrder
from tests.outbox.making import make_destination, queue

NOW = "(timestamptz '2026-11-01 00:00Z' - n * interval '31 seconds')"
TOOK = "(interval '1 second' * (600 + (n::bigint * 7919) %% 1000000))"
TOP = 10**9  # the number of rows that are copied
SPREAD = 7919  # so that neighbours differ
DOCUMENT = {"id": "x", "startedAt": "2026-03-02T08:00:00Z", "events": {"nodes": [{"id": "e", "value": "y" * 60}] * 12}}


def among(*values: str) -> str:
    """Return SQL that gives each of these texts in turn."""
    return f"(array[{', '.join(repr(each) for each in values)}])[1 + ((n::bigint * {SPREAD}) %% {len(values)})::int]"


def copy(row: models.Model, count: int, **given: str) -> None:
    """Copy a stored row `count` times, numbered from `n` = 1 on or after the row; `given`: SQL of what differs."""
    table, quoted = row._meta.db_table, connection.ops.quote_name
    columns = [str(field.column) for field in row._meta.concrete_fields if field.column != "id"]
    values = [given.get(name, f"t.{quoted(name)}") for name in columns]
    after = row.pk if row.pk < TOP else 0
    with _without_indexes(table), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, {', '.join(map(quoted, columns))}) "
            f"SELECT n + {after}, {', '.join(values)} FROM {table} t, generate_series(1, {count}) n WHERE t.id = %s",
            [row.pk],
        )
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {count + after + 1})")


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Take off the indexes of a table that are not constraints, and make them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND schemaname = 'public' AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint WHERE conname = indexname)",
            [table],
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, definition in found:
            cursor.execute(definition)
        cursor.execute(f"VACUUM ANALYZE {table}")


def fill(count: int) -> None:
    """Make `count` of each kind that grows with sessions, a fifth as many calls."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no checks of foreign keys: they are right
        cursor.execute("SET synchronous_commit = off")
    first = _templates()
    for fill_part in (_fill_orders, _fill_sessions, _fill_work, _fill_outgoing, _fill_measured):
        fill_part(first, count)


def _templates() -> dict[str, Any]:
    """Make one row of each kind, numbered far above the copies."""
    space, now = Workspace.default(), timezone.now()
    cms = Connection.objects.create(slug="cms", name="CMS", platform="worklink", base_url="https://cms.example.test")
    erp = Connection.objects.create(slug="erp", name="ERP", platform="generic", base_url="https://erp.example.test")
    top: dict[str, Any] = {"pk": TOP}
    order = WorkOrder.objects.create(**top, workspace=space, opened_at=now, resolved_at=now)
    common = {"connection": cms, "document": DOCUMENT, "read_at": now, "subject": order.subject, **top}
    source = WebhookSource.objects.create(connection=cms, name="CMS")
    operation = Operation.objects.create(
        connection=erp, name="Write", kind=OperationKind.UPDATE, path="/{record.id}", source_type="worklink.session"
    )
    lane = RecordLane.objects.create(**top, connection=erp, record_key="WO", state="DONE")
    script = Script.objects.create(slug="bench", name="Bench")
    script_lane = ScriptLane.objects.create(**top, script=script, subject=order.subject, state="DONE")
    photo = {"source_type": "worklink.session", "source_id": "0", "external_id": "p", "sha256": "0" * 64}
    size = {"bytes": 1, "width": 1, "height": 1, "content_type": "image/jpeg"}
    delivery = queue(make_destination())[0]
    return {
        "order": order,
        "named": ExternalId.objects.create(**top, work_order=order, system=erp, external_id="WO"),
        "session": ScenarioSession.objects.create(**common, resource_id="s", session_type="PASSIVE"),
        "call": CallSession.objects.create(**common, resource_id="c", connected_at=now),
        "join": Join.objects.create(**top, connection=cms, source_type="worklink.session", source_id="0"),
        "photo": Photo.objects.create(**top, workspace=space, work_order=order, **photo, **size),
        "download": PhotoDownload.objects.create(
            **top, session_id=TOP, event_id="e", url="https://cms.example.test/p", state="DONE"
        ),
        "received": ReceivedWebhook.objects.create(
            **top, source=source, body=b"{}" * 40, body_size=80, state="DONE", resource_type="ScenarioSession"
        ),
        "refresh": ResourceRefresh.objects.create(
            **top, connection=cms, resource_type="ScenarioSession", resource_id="s", state="DONE"
        ),
        "event": Event.objects.create(
            **top, workspace=space, seq=TOP, uuid=uuid4(), type="session.joined", payload={}, occurred_at=now
        ),
        "lane": lane,
        "write": RecordWrite.objects.create(
            **top, lane=lane, operation=operation, state="DONE", verdict="CONFIRMED", occurred_at=now
        ),
        "script_lane": script_lane,
        "run": ScriptRun.objects.create(**top, lane=script_lane, script=script, state="DONE", occurred_at=now),
        "delivery": delivery,
        "measured": MeasuredJob.objects.create(
            **top, workspace=space, work_order=order, counted_at=now, left_out="NOT_RESOLVED"
        ),
    }


def _fill_orders(first: Mapping[str, Any], count: int) -> None:
    words = {
        "asset": "'PUMP-' || n %% 5000",
        "site": "'Site ' || n %% 200",
        "status": among("open", "done", "waiting"),
        "priority": among("1 - Critical", "2 - High", "3 - Moderate", "4 - Low"),
        "title": "'Replace the seal of pump ' || n",
    }
    resolved = f"CASE WHEN n %% 10 > 0 THEN {NOW} + {TOOK} END"
    times = {"opened_at": NOW, "resolved_at": resolved, "created_at": NOW, "changed_at": f"{NOW} + {TOOK}"}
    copy(first["order"], count, **words, **times, closed="n %% 10 > 0")
    copy(first["named"], count, work_order_id="n", external_id="'WO-' || n")


def _fill_sessions(first: Mapping[str, Any], count: int) -> None:
    at = {"started_at": f"{NOW} + interval '5 minutes'", "ended_at": f"{NOW} + interval '20 minutes'"}
    told = {"vendor_state": among("COMPLETED", "OPEN", "PAUSED"), "outcome": among("completed", "incomplete", "open")}
    copy(
        first["session"],
        count,
        **at,
        **told,
        resource_id="'session-' || n",
        database_id="n::text",
        subject="'workorder/' || n",
        scenario_name="'Scenario ' || n %% 300",
        seconds="900",
    )
    call = {"subject": f"'workorder/' || (n::bigint * {SPREAD}) %% {count} + 1", "seconds": "60 + n %% 1200"}
    call |= {"resource_id": "'call-' || n", "database_id": "n::text", "connected_at": at["started_at"]}
    copy(first["call"], count // 5, **at, **call, vendor_state=among("ENDED", "MISSED"))
    copy(
        first["join"],
        count,
        source_id="n::text",
        title="'Scenario ' || n %% 300",
        key_read="'WO-' || n",
        work_order_id="CASE WHEN n %% 50 > 0 THEN n END",
        occurred_at=at["ended_at"],
    )
    copy(first["photo"], count, work_order_id="n", source_id="n::text", label="'Seal ' || n %% 500", created_at=NOW)
    copy(first["download"], count // 5, session_id="n", event_id="'event-' || n")


def _fill_work(first: Mapping[str, Any], count: int) -> None:
    same = {"subject": "'workorder/' || n", "correlation_id": "'cid-' || n"}
    copy(
        first["received"],
        count,
        **same,
        resource_id="'session-' || n",
        received_at=NOW,
        created_at=NOW,
        delivery_key="'d-' || n",
        state="CASE WHEN n %% 1000 = 0 THEN 'FAILED' ELSE 'DONE' END",
    )
    copy(first["refresh"], count, **same, resource_id="'session-' || n")
    copy(
        first["event"],
        count,
        **same,
        seq="n",
        uuid="gen_random_uuid()",
        type=among("session.joined", "session.updated", "workorder.updated", "call.joined"),
        occurred_at=NOW,
        created_at=NOW,
        source_id="n::text",
    )


def _fill_outgoing(first: Mapping[str, Any], count: int) -> None:
    same = {"subject": "'workorder/' || n", "correlation_id": "'cid-' || n", "created_at": NOW}
    copy(first["lane"], count, **same, record_key="'WO-' || n")
    state = "CASE WHEN n %% 1000 = 0 THEN 'FAILED' ELSE 'DONE' END"
    write = {"lane_id": "n", "event_id": "n", "key": "'key-' || n", "state": state, "source_id": "n::text"}
    copy(first["write"], count, **same, **write)
    copy(first["script_lane"], count, **same, key="n::text")
    copy(first["run"], count, **same, lane_id="n", event_id="n", source_id="n::text")
    copy(first["delivery"].message, count, uid="'uid-' || n", correlation_id="'cid-' || n")
    ended = {"state": "'DELIVERED'", "ended_at": NOW, "queued_at": NOW}
    copy(first["delivery"], count, message_id="n + 1", **ended)


def _fill_measured(first: Mapping[str, Any], count: int) -> None:
    """Put in what `measure_jobs --all` makes of these orders; the bench measures a part of them by it, too."""
    took = "(600 + (n::bigint * 7919) %% 1000000)::float8"
    resolved, edges = "n %% 10 > 0", f"ARRAY[{', '.join(map(str, EDGES))}]::float8[]"
    copy(
        first["measured"],
        count,
        work_order_id="n",
        counted_at=f"CASE WHEN {resolved} THEN {NOW} + {TOOK} ELSE {NOW} END",
        opened_at=NOW,
        resolved_at=f"CASE WHEN {resolved} THEN {NOW} + {TOOK} END",
        priority=among("1 - Critical", "2 - High", "3 - Moderate", "4 - Low"),
        site="'Site ' || n %% 200",
        left_out=f"CASE WHEN {resolved} THEN '' ELSE 'NOT_RESOLVED' END",
        with_call=f"{resolved} AND n %% 5 = 1",
        seconds=f"CASE WHEN {resolved} THEN {took} END",
        bucket=f"CASE WHEN {resolved} THEN width_bucket({took} - 0.0001, {edges}) END",
        calls="(n %% 5 = 1)::int",
    )
    _keep_words(MeasuredJob.objects.filter(pk__lt=2_000))
    tally.rebuild()
    Recount.objects.create(pk=1, after=count, until=count)
