"""The import: page by page through what the CMS lists, going on where a crash stopped it."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction

from integrations.connections.models import Connection
from integrations.connections.services import open_client
from integrations.core import clock
from integrations.core.errors import FieldportError, OutboundOff, Paused, TransientError
from integrations.core.ids import correlated
from integrations.core.retry import next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.platforms.worklink import probing
from integrations.platforms.worklink.client import Page, WorkLinkClient
from integrations.platforms.worklink.listings.keeping import is_a_great_loss, unseen
from integrations.platforms.worklink.listings.parts import PARTS, Part
from integrations.platforms.worklink.models import CmsImport, Lists
from integrations.platforms.worklink.options import SLUG

logger = logging.getLogger(__name__)

TASK = "worklink.read_lists"
EVERY = timedelta(hours=6)
PAGES_A_TURN = 50
PAUSED_FOR = timedelta(seconds=60)
RESUMED_WITHIN = timedelta(hours=6)
BEGUN: dict[str, Any] = {"part": 0, "position": "", "seen": 0, "total": 0, "changed": 0}


def want_all(claim: Claim) -> str:
    """Have the lists of every connection that is not paused read; return a sentence on how many."""
    connections = Connection.objects.filter(platform=SLUG, paused=False).values_list("pk", flat=True)
    rows = [CmsImport(connection_id=pk, lists=lists) for pk in connections for lists in Lists.values]
    CmsImport.objects.bulk_create(rows, ignore_conflicts=True)
    count = CmsImport.objects.filter(connection__in=list(connections)).want(now=clock.now())
    wake(TASK)
    return f"{count} lists are read." if count else "There is no WorkLink connection."


def want(row: CmsImport, *, accept_loss: bool = False) -> None:
    """Have one list read now. `accept_loss`: what is missing then is gone, however much it is."""
    CmsImport.objects.filter(pk=row.pk).want(now=clock.now(), **({"accept_loss": True} if accept_loss else {}))
    wake(TASK)


def run(claim: Claim) -> None:
    """Read on, or begin anew; whatever comes of it, the row says so."""
    rows, row = CmsImport.objects, claim.row
    with correlated(""):
        try:
            _turn(claim)
        except LeaseLost:
            raise
        except (Paused, OutboundOff) as error:
            rows.put_back(claim, due_at=clock.now() + PAUSED_FOR, note=str(error))
        except TransientError as error:
            due_at = next_try(now=clock.now(), attempts=row.attempts, retry_after=error.retry_after)
            rows.retry(claim, due_at=due_at, note=str(error))
        except FieldportError as error:
            rows.finish(claim, state=WorkState.FAILED, note=str(error), began_at=None)
        except Exception as error:  # the edge of a job: the next import must come all the same
            logger.exception("the import %s failed", row.pk)
            note = f"Unexpected {type(error).__name__}: {error}. The worker's log has the details."
            rows.finish(claim, state=WorkState.FAILED, note=note, began_at=None)


def _turn(claim: Claim) -> None:
    """Read some pages, each stored together with how to go on; a long list goes on in another turn."""
    row: CmsImport = claim.row
    connection, now = row.connection, clock.now()
    client = probing.client_of(connection, open_client(connection, claim=claim))
    if row.began_at is None or now - row.began_at > RESUMED_WITHIN:
        _hold(claim, began_at=now, **BEGUN)
    for _ in range(PAGES_A_TURN):
        if row.part >= len(PARTS[row.lists]):
            return _finish(claim, client)
        claim.renew(now=clock.now())
        _read(claim, PARTS[row.lists][row.part], client)
    wake(TASK)
    CmsImport.objects.put_back(claim, due_at=clock.now(), note=f"{row.seen} of {row.total} read.")


def _read(claim: Claim, part: Part, client: WorkLinkClient) -> None:
    row: CmsImport = claim.row
    page = probing.asked(row.connection, client, lambda: client.listed(part.type_name, position=row.position))
    with transaction.atomic():
        _take(claim, part, page)


def _take(claim: Claim, part: Part, page: Page | None) -> None:
    row: CmsImport = claim.row
    if page is None:
        _hold(claim, part=row.part + 1, position="")
        return
    changed = row.changed + part.take(row.connection, page.nodes, at=clock.now())
    total = row.total if row.position else row.total + (page.total or len(page.nodes))
    step = 0 if page.position else 1
    _hold(
        claim,
        part=row.part + step,
        position=page.position[:300],
        seen=row.seen + len(page.nodes),
        total=total,
        changed=changed,
    )


def _hold(claim: Claim, **values: Any) -> None:
    """Write to the row while it is ours. :raises LeaseLost:"""
    if CmsImport.objects.held(claim).update(**values) != 1:
        raise LeaseLost
    for name, value in values.items():
        setattr(claim.row, name, value)


def _finish(claim: Claim, client: WorkLinkClient) -> None:
    row: CmsImport = claim.row
    now = clock.now()
    parts = [part for part in PARTS[row.lists] if part.type_name in client.able.listings]
    with transaction.atomic():
        said = [_mark(row, part) for part in parts]
        state = WorkState.DONE if parts else WorkState.SKIPPED
        ended: dict[str, Any] = {"began_at": None, "accept_loss": False, "last_finished_at": now}
        CmsImport.objects.finish(claim, state=state, note=_note(row, parts, said), **ended)


def _mark(row: CmsImport, part: Part) -> str:
    """Mark what was not seen as gone; return what there is to say of it."""
    assert row.began_at is not None  # the walk that ends began
    now = clock.now()
    lost = list(unseen(part.model, row.connection, since=row.began_at).select_for_update())
    rest = _seen(row, part)
    if is_a_great_loss(len(lost), rest) and not row.accept_loss:
        return (
            f"{len(lost)} of {len(lost) + rest} are missing at once, as if the token had lost groups: nothing was "
            "marked. "
            "Look at the token; if they are gone, press “Import and accept what is missing”."
        )
    part.model._default_manager.filter(pk__in=[each.pk for each in lost]).update(gone_at=now, changed_at=now)
    part.lose(lost, at=now)
    return f"{len(lost)} gone." if lost else ""


def _seen(row: CmsImport, part: Part) -> int:
    rows = part.model._default_manager.filter(connection=row.connection, seen_at__gte=row.began_at)
    return int(rows.count())


def _note(row: CmsImport, parts: list[Part], said: list[str]) -> str:
    missing = [part.type_name for part in PARTS[row.lists] if part not in parts]
    lacking = (
        f"Not available in this CMS: {', '.join(missing)}. Enter them by hand, or bring a table." if missing else ""
    )
    counted = f"{row.seen} read, {row.changed} new or changed." if parts else ""
    return " ".join(filter(None, (counted, *said, lacking)))
