"""Importing whole sessions and calls page by page (vendor sheet 5c): stored, joined and published as any reading is.

Each page is one query. Its objects are taken one by one, each in its own transaction, then the cursor is saved: a
worker that dies in between does the page again, and what is stored already changes nothing.
"""

import logging
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.asked import was_stopped
from integrations.core.errors import AuthFailed, FieldportError, OutboundOff, Paused, PermanentError, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import expired, next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.platforms.worklink import calibration, probing
from integrations.platforms.worklink.adapter import KINDS
from integrations.platforms.worklink.client import Page, WholePage, WorkLinkClient
from integrations.platforms.worklink.kinds import Kind
from integrations.platforms.worklink.mapping import time_of
from integrations.platforms.worklink.models import ImportJob
from integrations.platforms.worklink.rereading import reread
from integrations.platforms.worklink.taking_pages import Taken, take_page
from integrations.platforms.worklink.windows import Window

logger = logging.getLogger(__name__)

TASK = "worklink.import"
# Then other work of this worker gets its turn.
BUDGET_SECONDS = 20.0
PAUSED_FOR, TRIED_FOR = timedelta(seconds=30), timedelta(hours=72)
# How a server may speak of a position that it does not know: it is not documented.
FORGOTTEN = re.compile(r"cursor|after|position|offset", re.IGNORECASE)
# Objects that lie after the period are only counted: cheap facts, the largest page there is.
SKIPPING_SIZE = 100


@dataclass(frozen=True)
class Step:
    """What one page brought, and where the next begins; empty: the walk is over."""

    nodes: Sequence[Mapping[str, Any]]
    taken: Taken
    position: str
    total: int | None


def run(claim: Claim) -> None:
    """Import pages until all are done, someone stops it, or the time for one run is up."""
    job: ImportJob = claim.row
    with correlated(job.correlation_id):
        try:
            _walk(claim)
        except Exception as error:  # the edge of a job: one import must not stop the others
            _not_read(claim, error)


def _walk(claim: Claim) -> None:
    job: ImportJob = claim.row
    connection = Connection.objects.get(pk=job.connection_id)
    client, kind = probing.client_of(connection, open_client(connection, claim=claim)), KINDS[job.resource_type]
    ends = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < ends:
        if was_stopped(claim):
            return
        claim.renew(now=clock.now())
        began = time.monotonic()
        step = _step(job, kind, connection=connection, client=client)
        with transaction.atomic():  # or a worker that dies in between would begin anew
            _note(claim, step, seconds=time.monotonic() - began)
            if not step.position:
                return _finish(claim, kind, connection)
    ImportJob.objects.put_back(claim, due_at=clock.now(), note="")
    wake(TASK)


def _step(job: ImportJob, kind: Kind[Any], *, connection: Connection, client: WorkLinkClient) -> Step:
    """Read one page and take what it shows of the period. :raises PermanentError: if the server has no such list"""
    window, asked_at = Window(job.since, job.since_persistent, job.until), clock.now()
    page = _page(job, connection, client)
    if page is None:
        raise PermanentError(f"The server offers no list of {kind.noun}s: there is nothing to import from.")
    if isinstance(page, WholePage):
        nodes: Sequence[Mapping[str, Any]] = [each.document for each in page.readings]
        held = [each for each in page.readings if window.holds(each.document)]
        taken = take_page(kind, held, connection=connection, asked_at=asked_at)
    else:
        nodes, taken = page.nodes, Taken()
    past = window.is_past(nodes, ordered=page.ordered)
    return Step(nodes, taken, "" if past else page.position, page.total)


def _page(job: ImportJob, connection: Connection, client: WorkLinkClient) -> Page | WholePage | None:
    """Return the next page: whole objects, or only cheap facts of what surely lies after the period."""
    if job.until is not None and (job.reached_start is None or job.reached_start >= job.until):
        window = Window(job.since, job.since_persistent, job.until)
        page = probing.asked(
            connection,
            client,
            lambda: client.page(job.resource_type, position=job.cursor, size=SKIPPING_SIZE),
        )
        if page is None or (page.position and window.is_ahead(page.nodes, ordered=page.ordered)):
            return page
    return probing.asked(connection, client, lambda: client.whole_page(job.resource_type, position=job.cursor))


def _note(claim: Claim, step: Step, *, seconds: float) -> None:
    """Save how far it came, and how to go on. :raises LeaseLost: if someone else goes on"""
    job: ImportJob = claim.row
    starts = [at for node in step.nodes if (at := time_of(node.get("startedAt")))]
    job.cursor, job.total = step.position, step.total
    job.first_start = job.first_start or (starts[0] if starts else None)
    job.reached_start = starts[-1] if starts else job.reached_start
    values = {name: getattr(job, name) for name in ("cursor", "total", "first_start", "reached_start")}
    counted = {"pages": 1, "listed": len(step.nodes), "seconds": seconds, **step.taken.counts()}
    added = {name: F(name) + value for name, value in counted.items()}
    if not ImportJob.objects.held(claim).update(**values, **added, attempts=1, retry_since=None, note=""):
        raise LeaseLost


def _finish(claim: Claim, kind: Kind[Any], connection: Connection) -> None:
    job = ImportJob.objects.get(pk=claim.pk)
    again = reread(connection, kind) if job.scheduled else 0
    calibration.calibrate(connection)
    said = f"{job.seen} {kind.noun}s on {job.pages} pages, {job.changed} new or changed."
    said += f" {job.incomplete} could not be read whole." if job.incomplete else ""
    said += f" {again} open ones are read again." if again else ""
    ImportJob.objects.finish(claim, state=WorkState.DONE, note=said)


def _not_read(claim: Claim, error: Exception) -> None:
    now, rows = clock.now(), ImportJob.objects.all()
    if isinstance(error, LeaseLost | OperationalError | InterfaceError):
        raise error
    if isinstance(error, Paused | OutboundOff):
        rows.put_back(claim, due_at=now + PAUSED_FOR, note=str(error))
    elif isinstance(error, TransientError | AuthFailed) and not _tried_for_long(claim, now=now):
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        due_at = next_try(now=now, attempts=claim.row.attempts, retry_after=retry_after)
        rows.retry(claim, due_at=due_at, note=str(error), **_begun_anew(claim, error))
    else:
        _failed(claim, error)


def _begun_anew(claim: Claim, error: FieldportError) -> dict[str, Any]:
    """Forget a position that the server has forgotten: what is stored changes nothing when it is seen again."""
    if claim.row.cursor and FORGOTTEN.search(str(error)):
        return {"cursor": "", "reached_start": None, "listed": 0}
    return {}


def _tried_for_long(claim: Claim, *, now: datetime) -> bool:
    return expired(since=claim.row.retry_since, now=now, longest=TRIED_FOR)


def _failed(claim: Claim, error: Exception) -> None:
    if not isinstance(error, FieldportError):
        logger.error("import %s failed", claim.pk, exc_info=error)
    note = f"{error} “Go on” tries again where it stopped."
    ImportJob.objects.finish(claim, state=WorkState.FAILED, note=note)
