"""Finding what no webhook told us of: everything is listed, newest first, and compared with what is stored.

The vendor documents neither a delivery guarantee nor a "changed since" filter (vendor sheet 3.4, 5c).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.errors import FieldportError
from integrations.core.work import OPEN_STATES, Claim, WorkState
from integrations.inbox.models import ResourceRefresh
from integrations.platforms.worklink import calibration, probing
from integrations.platforms.worklink.adapter import KINDS
from integrations.platforms.worklink.client import Page, WorkLinkClient
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.mapping import text_of, time_of
from integrations.platforms.worklink.models import Reconciliation, Stored
from integrations.platforms.worklink.options import SLUG
from integrations.platforms.worklink.rereading import reread, stored, want
from integrations.platforms.worklink.windows import OVERLAP, OVERLAP_PERSISTENT, Window, back_from

EVERY = timedelta(minutes=15)
DEEP_EVERY = timedelta(days=1)
PROBED_EVERY = timedelta(days=1)
RESUMED_WITHIN = timedelta(hours=6)
# What failed for good is not asked for again at every run.
FAILED_FOR = timedelta(hours=6)


def reconcile_all(claim: Claim) -> str:
    """Reconcile every connection that is not paused; one that fails does not stop the others."""
    said = []
    for connection in Connection.objects.filter(platform=SLUG, paused=False).order_by("pk"):
        claim.renew(now=clock.now())
        try:
            said.append(f"{connection.name}: {reconcile(connection, claim=claim)}")
        except FieldportError as error:
            said.append(f"{connection.name}: {error}")
    return " ".join(said) or "There is no WorkLink connection."


def reconcile(connection: Connection, *, claim: Claim | None = None) -> str:
    """List what exists, have read what is new to us, and what is still open. Safe to stop and to repeat."""
    client = probing.client_of(connection, open_client(connection, claim=claim))
    if _is_old(client.able.at):
        probing.probe(connection, client)
    said = []
    for kind in KINDS.values():
        run = _current(connection, kind)
        _walk(run, kind, connection=connection, client=client)
        again = reread(connection, kind)
        said.append(f"{run.seen} {kind.noun}s seen, {run.untold} untold, {again} open ones read again.")
    calibration.calibrate(connection)
    return " ".join(said)


def _is_old(probed_at: str) -> bool:
    at = time_of(probed_at)
    return at is None or clock.now() - at > PROBED_EVERY


def _current(connection: Connection, kind: Kind[Any]) -> Reconciliation:
    """Return the run to go on with: one that was interrupted, or a new one."""
    now = clock.now()
    runs = Reconciliation.objects.filter(connection=connection, resource_type=kind.resource_type)
    runs.filter(finished_at__isnull=True, started_at__lt=now - RESUMED_WITHIN).update(
        finished_at=now, note="Given up: it was interrupted too long ago. A new run took its place."
    )
    finished = runs.filter(finished_at__isnull=False, note="")
    last = finished.order_by("-started_at").first()
    watermark = last.started_at if last else connection.write_from
    deep_before = now - OVERLAP_PERSISTENT + DEEP_EVERY
    deep = not finished.filter(started_at__gt=now - DEEP_EVERY, since_persistent__lt=deep_before).exists()
    window = back_from(watermark, persistent=OVERLAP_PERSISTENT if deep else OVERLAP)
    reach = {"since": window.since, "since_persistent": window.since_persistent}
    return runs.get_or_create(
        finished_at__isnull=True,
        defaults=reach | {"connection": connection, "resource_type": kind.resource_type, "started_at": now},
    )[0]


def _walk(run: Reconciliation, kind: Kind[Any], *, connection: Connection, client: WorkLinkClient) -> None:
    resumed = bool(run.cursor)
    while run.finished_at is None:
        asked_at = clock.now()
        try:
            page = probing.asked(connection, client, lambda: client.page(kind.resource_type, position=run.cursor))
        except FieldportError:
            if resumed:  # the server may have forgotten the position: begin anew next time
                Reconciliation.objects.filter(pk=run.pk).update(cursor="")
            raise
        resumed = False
        _take_page(run, kind, page, asked_at=asked_at)


@transaction.atomic
def _take_page(run: Reconciliation, kind: Kind[Any], page: Page | None, *, asked_at: datetime) -> None:
    """Have read what a page shows and we do not know, and save how to go on, together."""
    if page is None:
        run.note, run.finished_at = f"The server offers no list of {kind.noun}s.", asked_at
    else:
        window = Window(run.since, run.since_persistent)
        nodes = [node for node in page.nodes if window.holds(node)]
        untold = _untold(run, kind, nodes, asked_at=asked_at)
        want(run.connection_id, kind, untold)
        run.pages, run.seen, run.untold = run.pages + 1, run.seen + len(nodes), run.untold + len(untold)
        run.total, run.cursor = page.total, page.position
        if not page.position or window.is_past(page.nodes, ordered=page.ordered):
            run.finished_at, run.cursor = clock.now(), ""
    run.save()


def _untold(run: Reconciliation, kind: Kind[Any], nodes: list[dict[str, Any]], *, asked_at: datetime) -> list[str]:
    """Return the ids of what is not stored, or stored in another state, and not about to be read anyway."""
    ids = [text_of(node.get("id"), most=255) for node in nodes]
    known = {row.resource_id: row for row in stored(run.connection_id, kind).filter(resource_id__in=ids)}
    busy = _busy(run, kind, ids)
    return [
        resource_id
        for resource_id, node in zip(ids, nodes, strict=True)
        if resource_id and resource_id not in busy and _differs(known.get(resource_id), node, asked_at=asked_at)
    ]


def _busy(run: Reconciliation, kind: Kind[Any], ids: list[str]) -> set[str]:
    rows = ResourceRefresh.objects.filter(
        connection=run.connection_id, resource_type=kind.resource_type, resource_id__in=ids
    )
    failed = Q(state=WorkState.FAILED, finished_at__gt=clock.now() - FAILED_FOR)
    return set(rows.filter(Q(state__in=OPEN_STATES) | failed).values_list("resource_id", flat=True))


def _differs(row: Stored | None, node: dict[str, Any], *, asked_at: datetime) -> bool:
    if row is None:
        return True
    if row.read_at >= asked_at or (row.ended_at and not node.get("endedAt")):
        return False
    ended = "endedAt" in node and (row.ended_at is None) != (node["endedAt"] is None)
    return ended or ("state" in node and row.vendor_state != text_of(node["state"], most=60))
