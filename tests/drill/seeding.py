"""Tables and the configured accounts, made in a process of its own: `python -m tests.drill.seeding '{…}'`."""

import json
import sys
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402  needs a set-up Django

from integrations.connections.models import AuthKind, Connection  # noqa: E402
from integrations.inbox.models import WebhookSource  # noqa: E402
from integrations.schedules.models import ScheduledJob  # noqa: E402
from integrations.scripts import services as scripts  # noqa: E402
from integrations.scripts.models import Script, ScriptGrant  # noqa: E402
from integrations.sync.models import FieldMapping, KeyPlace, Operation, OperationKind  # noqa: E402
from tests.drill.events.seeding import seed as seed_events  # noqa: E402
from tests.simulators.record.auth import BEARER_TOKEN  # noqa: E402
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN  # noqa: E402

SYSTEM = "record"
UNLIMITED = {"rate_per_second": 5_000.0, "max_concurrency": 64}
ORDER = "/api/orders/{record.id}"
SESSION_EVENTS = ["session.joined", "session.updated"]
# What the order shows of the session that ended last, and what its child record shows of each session.
LATEST = {
    "u_session": "latest.id",
    "u_state": "latest.state",
    "u_idle": "latest.idle",
    "u_viewed": "latest.steps_viewed",
}
# By key: the ledger sends it again after an unsure answer, and the system folds the repetition.
SCRIPT = """
async function run(ctx) {
  const number = ctx.order.records["record"];
  const order = (await ctx.http.get("/api/orders", { query: { number } })).json.items[0];
  const seen = ctx.facts.session;
  const body = `Script saw ${seen.id}: ${seen.state}, ${seen.steps_viewed}, ${seen.idle}`;
  await ctx.http.post(`/api/orders/${order.id}/notes`, { json: { body }, key: seen.id });
  await ctx.store.incr("runs");
}
"""
RUNNERS = 6
# Each of its runs writes once, whatever it is killed at.
RUNNER = """
async function run(ctx) {
  const number = ctx.order.records["record"];
  const order = (await ctx.http.get("/api/orders", { query: { number } })).json.items[0];
  const body = `NAME ran for event ${ctx.event.id}.`;
  await ctx.http.post(`/api/orders/${order.id}/notes`, { json: { body }, key: `NAME ${ctx.event.id}` });
  await ctx.store.incr("runs");
}
"""
CHILD = {"state": "session.state", "idle": "session.idle", "viewed": "session.steps_viewed"}


def seed(*, worklink: str, record: str, token: str, settle: float) -> None:
    """Two connections, a source, and an operation of each kind with the guarantee "once"."""
    seed_events(token=token)
    system = Connection.objects.create(
        slug=SYSTEM,
        name="Record",
        platform="generic",
        base_url=record,
        auth_kind=AuthKind.BEARER,
        credentials={"token": BEARER_TOKEN},
        settings={"script_key_header": "Idempotency-Key"},
        settle_seconds=settle,
        write_from=timezone.now() - timedelta(days=1),
        **UNLIMITED,
    )
    platform = Connection.objects.create(
        slug="worklink",
        name="WorkLink",
        platform="worklink",
        base_url=worklink,
        auth_kind=AuthKind.PLATFORM,
        credentials={"token": ALL_GROUPS_TOKEN},
        settings={"system": SYSTEM},
        **UNLIMITED,
    )
    WebhookSource.objects.create(connection=platform, name="WorkLink", token=token)
    _operations(system)
    _script(system, "witness", SCRIPT)
    for number in range(1, RUNNERS + 1):
        _script(system, f"runner-{number}", RUNNER.replace("NAME", f"runner-{number}"))
    # What no webhook told of must not be found by the reconciler here: it would hide a webhook that was lost.
    # And no contact of the CMS may become an event before those who get all events are there.
    for name in ("worklink.reconcile", "worklink.listings"):
        ScheduledJob.objects.create(name=name, due_at=timezone.now() + timedelta(days=1))


def _operations(system: Connection) -> None:
    lookup = _operation(
        system,
        OperationKind.LOOKUP,
        path="/api/orders",
        query={"number": "{external_id}"},
        records="body.items",
        closed="closed",
    )
    session: dict[str, Any] = {"source_type": "worklink.session", "event_types": SESSION_EVENTS, "lookup": lookup}
    _update(system, **session)
    _child(system, **session)
    _note(system, **session)
    _photo(system, lookup=lookup, source_type="photo", event_types=["photo.stored"])


def _update(system: Connection, **source: Any) -> None:
    """By read-back alone: no key that would make the target fold a repetition."""
    operation = _operation(
        system,
        OperationKind.UPDATE,
        path=ORDER,
        condition="latest.final",
        readback_path=ORDER,
        readback_expect="body",
        **source,
    )
    _map(operation, LATEST)


def _child(system: Connection, **source: Any) -> None:
    """Created by external key, changed afterwards by the same key."""
    operation = _operation(
        system,
        OperationKind.CREATE,
        path=ORDER + "/sessions",
        body={"external_id": "{key}", "session": "{session.id}", **{name: f"{{fields.{name}}}" for name in CHILD}},
        key_place=KeyPlace.BODY,
        already_exists="status == `409`",
        created_id="body.id",
        update_method="PUT",
        update_path=ORDER + "/sessions/{key}",
        readback_path=ORDER + "/sessions/{key}",
        readback_expect="body",
        **source,
    )
    _map(operation, CHILD)


def _note(system: Connection, **source: Any) -> None:
    """Once for each session, found by its marker."""
    _operation(
        system,
        OperationKind.NOTE,
        path=ORDER + "/notes",
        body={"body": "Session {session.id} ended. ({marker})"},
        condition="session.final",
        marker="fieldport:{key}",
        readback_path=ORDER + "/notes",
        readback_expect="body.items",
        **source,
    )


def _photo(system: Connection, **source: Any) -> None:
    _operation(
        system,
        OperationKind.ATTACH,
        path=ORDER + "/attachments",
        body={"description": "{photo.external_id}", "external_id": "{key}"},
        file_field="file",
        key_place=KeyPlace.BODY,
        already_exists="status == `409`",
        readback_path=ORDER + "/attachments",
        readback_expect="body.items",
        **source,
    )


def _script(system: Connection, slug: str, source: str) -> None:
    """A script on the events of sessions, which writes into the system and counts its runs."""
    script = Script.objects.create(slug=slug, name=slug, event_types=SESSION_EVENTS)
    ScriptGrant.objects.create(script=script, name=SYSTEM, connection=system, is_target=True)
    now = timezone.now()
    version = scripts.save_version(script, source, author="drill", now=now)
    scripts.note_tested(version, now=now)
    scripts.publish(version, by="drill", now=now)


def _operation(system: Connection, kind: OperationKind, **values: Any) -> Operation:
    operation = Operation(connection=system, name=str(kind.label), kind=kind, **values)
    operation.full_clean()
    operation.save()
    return operation


def _map(operation: Operation, fields: dict[str, str]) -> None:
    for target, source in fields.items():
        mapping = FieldMapping(operation=operation, source=source, target=target)
        mapping.full_clean()
        mapping.save()


if __name__ == "__main__":
    seed(**json.loads(sys.argv[1]))
