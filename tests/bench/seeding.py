"""Rows that a bench needs, written in a process of its own: `python -m tests.bench.seeding NAME ARGUMENTS`."""

import sys
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import django
from django.utils import timezone

django.setup()

from integrations.camera.engines.checks import DEFAULT_CHECKS  # noqa: E402  needs a set-up Django
from integrations.connections.models import ApiToken, AuthKind, Connection, Workspace  # noqa: E402
from integrations.events.services import subscribing  # noqa: E402
from integrations.inbox.models import WebhookSource  # noqa: E402
from integrations.outbox.models import Destination  # noqa: E402
from integrations.outbox.services import destinations as outbox  # noqa: E402
from integrations.outbox.services.enqueuing import Outgoing, enqueue  # noqa: E402
from integrations.outbox.signatures import new_secret  # noqa: E402
from integrations.schedules.models import ScheduledJob  # noqa: E402
from integrations.scripts import services as scripts  # noqa: E402
from integrations.scripts.models import Script, ScriptGrant  # noqa: E402
from integrations.sync.models import FieldMapping, Operation, OperationKind  # noqa: E402
from tests.camera.making import make_group, make_site, make_task, make_token, make_version  # noqa: E402
from tests.simulators.record.auth import BEARER_TOKEN  # noqa: E402
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN  # noqa: E402

FAST = {"rate_per_second": 100_000.0, "max_concurrency": 100}
FIELDS = {
    "u_worklink_status": "session.state",
    "u_worklink_steps": "session.steps_viewed",
    "u_worklink_session": "session.id",
    "u_worklink_ended_at": "session.ended_at",
}
SCRIPT = """
async function run(ctx) {
  const found = await ctx.http.get("/api/orders", { query: { number: ctx.order.records.record } });
  const path = `/api/orders/${found.json.items[0].id}`;
  const seen = ctx.facts.session;
  const fields = {
    u_worklink_status: seen.state,
    u_worklink_steps: seen.steps_viewed,
    u_worklink_session: seen.id,
    u_worklink_ended_at: seen.ended_at,
  };
  await ctx.http.patch(path, { json: fields });
  const now = (await ctx.http.get(path)).json;
  if (now.u_worklink_session !== seen.id) throw new Error("not written");
}
"""


def source(token: str) -> None:
    """One source, whose webhooks nobody processes."""
    connection = Connection.objects.create(
        slug="bench", name="Bench", platform="worklink", base_url="https://cms.example.test", auth_kind=AuthKind.NONE
    )
    WebhookSource.objects.create(connection=connection, name="Bench", token=token)


def listeners(token: str) -> None:
    """One websocket endpoint that gets everything, and who hands events in; prints the endpoint's id."""
    space = Workspace.default()
    endpoint = subscribing.create_websocket(space.pk, name="Bench", now=timezone.now(), auth="open")
    ApiToken.objects.create(workspace=space, name="Bench", token_hash=ApiToken.hash_of(token), scopes=["events:write"])
    print(endpoint.pk)


def flow(token: str, worklink: str, record: str) -> None:
    """The whole line: a CMS, a system of record, one look-up and one update that is read back."""
    system = _accounts(token, worklink, record)
    lookup = Operation.objects.create(
        connection=system,
        name="Find the order",
        kind=OperationKind.LOOKUP,
        method="GET",
        path="/api/orders",
        query={"number": "{external_id}"},
        records="body.items",
    )
    update = Operation.objects.create(
        connection=system,
        name="Write the session",
        kind=OperationKind.UPDATE,
        source_type="worklink.session",
        lookup=lookup,
        method="PATCH",
        path="/api/orders/{record.id}",
        readback_path="/api/orders/{record.id}",
    )
    for target, read in FIELDS.items():
        FieldMapping.objects.create(operation=update, source=read, target=target)


def script(token: str, worklink: str, record: str) -> None:
    """The same line with a script in the place of the mapping: it looks up, writes and reads back itself."""
    system = _accounts(token, worklink, record)
    witness = Script.objects.create(slug="bench", name="Bench", event_types=["session.joined", "session.updated"])
    ScriptGrant.objects.create(script=witness, name="record", connection=system, is_target=True)
    now = timezone.now()
    version = scripts.save_version(witness, SCRIPT, author="bench", now=now)
    scripts.note_tested(version, now=now)
    scripts.publish(version, by="bench", now=now)


def camera(token: str) -> None:
    """A site with one type of photo: all conformity checks, then codes are looked for."""
    site = make_site()
    group = make_group(make_version(site), "meter_front", checks=DEFAULT_CHECKS, engine="CODE")
    make_task(group, "serial", outcome_type="Text", outcome_validation=[], mandatory=False)
    make_token(site, value=token)


def _accounts(token: str, worklink: str, record: str) -> Connection:
    cms = Connection.objects.create(
        slug="cms",
        name="CMS",
        platform="worklink",
        base_url=worklink,
        auth_kind=AuthKind.PLATFORM,
        credentials={"token": ALL_GROUPS_TOKEN},
        settings={"system": "record"},
        **FAST,
    )
    WebhookSource.objects.create(connection=cms, name="CMS", token=token)
    system = Connection.objects.create(
        slug="record",
        name="Record",
        platform="generic",
        base_url=record,
        auth_kind=AuthKind.BEARER,
        credentials={"token": BEARER_TOKEN},
        write_from="2000-01-01T00:00Z",
        **FAST,
    )
    # The reconciler would find the prepared sessions before their webhooks are sent.
    ScheduledJob.objects.create(name="worklink.reconcile", due_at=timezone.now() + timedelta(hours=1))
    return system


def importable(worklink: str) -> None:
    """A CMS whose sessions are imported, with keys of a system of record that nothing is written to."""
    Connection.objects.create(slug="record", name="Record", platform="generic", base_url="https://record.example.test")
    Connection.objects.create(
        slug="cms",
        name="CMS",
        platform="worklink",
        base_url=worklink,
        auth_kind=AuthKind.PLATFORM,
        credentials={"token": ALL_GROUPS_TOKEN},
        settings={"system": "record"},
        **FAST,
    )


def destinations(url: str, count: str) -> None:
    """Addresses that are all one receiver's."""
    for number in range(int(count)):
        outbox.create(Workspace.default().pk, name=f"Receiver {number}", url=url, secret=new_secret())


def tell(count: str) -> None:
    """So many events, with the body that comes by stdin, to every destination."""
    body, to = sys.stdin.read(), list(Destination.objects.values_list("pk", flat=True))
    for _ in range(int(count)):
        event = Outgoing(uid=str(uuid4()), type="workorder.updated", body=body, destinations=to)
        enqueue(Workspace.default().pk, [event], now=timezone.now())


COMMANDS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (source, flow, script, camera, listeners, importable, destinations, tell)
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
