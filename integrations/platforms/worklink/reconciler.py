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
from integrations.core.platforms import Notice
from integrations.core.work import OPEN_STATES, Claim, WorkState
from integrations.inbox.models import ResourceRefresh
from integrations.inbox.services import want_resources
from integrations.platforms.worklink import calibration, probing
from integrations.platforms.worklink.adapter import KINDS
from integrations.platforms.worklink.client import Page, WorkLinkClient
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.mapping import text_of, time_of
from integrations.platforms.worklink.models import Reconciliation, SessionType, Stored
from integrations.platforms.worklink.options import SLUG

EVERY = timedelta(minutes=15)
OVERLAP = timedelta(days=7)
OVERLAP_PERSISTENT = timedelta(days=60)
DEEP_EVERY = timedelta(days=1)
PROBED_EVERY = timedelta(days=1)
RESUMED_WITHIN = timedelta(hours=6)
# What failed for good is not asked for again at every run.
FAILED_FOR = timedelta(hours=6)
# An open object is read again at most so often, and the less the older it is.
OPEN_PACE, OPEN_SHARE, MOST_OPEN = timedelta(minutes=10), 48, 500
VERB = "reconciled"


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
        reread = _reread(connection, kind)
        said.append(f"{run.seen} {kind.noun}s seen, {run.untold} untold, {reread} open ones read again.")
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
    reach = OVERLAP_PERSISTENT if deep else OVERLAP
    window = {"since": watermark - OVERLAP, "since_persistent": watermark - reach}
    return runs.get_or_create(
        finished_at__isnull=True,
        defaults=window | {"connection": connection, "resource_type": kind.resource_type, "started_at": now},
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
        nodes = [node for node in page.nodes if _is_within(node, run)]
        untold = _untold(run, kind, nodes, asked_at=asked_at)
        want_resources(run.connection_id, [_notice(kind, each) for each in untold], now=clock.now())
        run.pages, run.seen, run.untold = run.pages + 1, run.seen + len(nodes), run.untold + len(untold)
        run.total, run.cursor = page.total, page.position
        if not page.position or _is_past(page, run):
            run.finished_at, run.cursor = clock.now(), ""
    run.save()


def _notice(kind: Kind[Any], resource_id: str) -> Notice:
    return Notice(kind.resource_type, resource_id, VERB)


def _is_within(node: dict[str, Any], run: Reconciliation) -> bool:
    since = run.since_persistent if node.get("sessionType") == SessionType.PERSISTENT else run.since
    at = time_of(node.get("startedAt"))
    return at is None or at >= since


def _is_past(page: Page, run: Reconciliation) -> bool:
    """Say whether a page ends before the window; the list is ordered by start, newest first."""
    at = time_of(page.nodes[-1].get("startedAt")) if page.ordered and page.nodes else None
    return at is not None and at < min(run.since, run.since_persistent)


def _untold(run: Reconciliation, kind: Kind[Any], nodes: list[dict[str, Any]], *, asked_at: datetime) -> list[str]:
    """Return the ids of what is not stored, or stored in another state, and not about to be read anyway."""
    ids = [text_of(node.get("id"), most=255) for node in nodes]
    stored = {row.resource_id: row for row in _stored(run.connection_id, kind).filter(resource_id__in=ids)}
    busy = _busy(run, kind, ids)
    return [
        resource_id
        for resource_id, node in zip(ids, nodes, strict=True)
        if resource_id and resource_id not in busy and _differs(stored.get(resource_id), node, asked_at=asked_at)
    ]


def _stored(connection_id: int, kind: Kind[Any]) -> Any:
    columns = ("resource_id", "vendor_state", "ended_at", "read_at", "started_at")
    return kind.model._default_manager.filter(connection=connection_id).only(*columns)


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


def _reread(connection: Connection, kind: Kind[Any]) -> int:
    """Have read again what is still open, or was not read whole; return how many."""
    now = clock.now()
    rows = _stored(connection.pk, kind).filter(Q(ended_at__isnull=True) | Q(incomplete=True))
    rows = rows.filter(read_at__lt=now - OPEN_PACE).order_by("read_at")[:MOST_OPEN]
    stale = [row.resource_id for row in rows if now - row.read_at >= (now - (row.started_at or now)) / OPEN_SHARE]
    want_resources(connection.pk, [_notice(kind, each) for each in stale], now=now)
    return len(stale)
