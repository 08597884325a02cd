"""The poll: page by page through what changed at a system of record, going on where a crash stopped it."""

import logging
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from integrations.connections import times
from integrations.connections.services import open_client
from integrations.core import clock, graphql, safe_json
from integrations.core.errors import FieldportError, OutboundOff, Paused, PermanentError, TransientError
from integrations.core.http import OutboundClient
from integrations.core.ids import correlated
from integrations.core.retry import next_try
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.platforms.generic import polling, services
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.platforms.generic.reading import NotReadable
from integrations.platforms.generic.services import POLL_TASK, Taken

logger = logging.getLogger(__name__)

PAGES_A_TURN = 50
PAUSED_FOR = timedelta(seconds=60)
NOTHING = "There is no poll: work orders of this connection come by webhook or through the API."


def poll(claim: Claim) -> None:
    """Read what changed since the last poll. Whatever comes of it, the row is due again at its next time."""
    feed: WorkOrderFeed = claim.row
    if not feed.polls:
        WorkOrderFeed.objects.finish(claim, state=WorkState.SKIPPED, note=NOTHING)
        return
    with correlated(""):
        try:
            _turn(feed, claim)
        except LeaseLost:
            raise
        except (Paused, OutboundOff) as error:
            WorkOrderFeed.objects.put_back(claim, due_at=clock.now() + PAUSED_FOR, note=str(error))
        except TransientError as error:
            _again(
                claim, error, due_at=next_try(now=clock.now(), attempts=feed.attempts, retry_after=error.retry_after)
            )
        except (FieldportError, NotReadable) as error:
            _over(claim, str(error))
        except Exception as error:  # the edge of a job: the next poll must come all the same
            logger.exception("the poll of %s failed", feed)
            _over(claim, f"Unexpected {type(error).__name__}: {error}. The worker's log has the details.")


def _turn(feed: WorkOrderFeed, claim: Claim) -> None:
    """Read some pages, noting the position after each; a long list goes on in another turn."""
    client = open_client(feed.connection, claim=claim)
    state = _position(feed)
    for _ in range(PAGES_A_TURN):
        claim.renew(now=clock.now())
        page, taken = _read(feed, client, state["page"])
        state |= {"page": page, "taken": state["taken"] + taken}
        if page is None:
            return _finished(claim, state)
        _hold(claim, position=_stored(state), note=f"Reading page {page.page}: {state['taken']}")
    wake(POLL_TASK)
    _hold(claim, due_at=clock.now(), state=WorkState.DUE, claim_token=None, deaths=0)


def _read(feed: WorkOrderFeed, client: OutboundClient, page: polling.Page) -> tuple[polling.Page | None, Taken]:
    rules = feed.page_rules
    if rules.document:
        body, address = _asked(feed, client, page), ""
    else:
        response = client.request("GET", polling.path_of(page, rules), headers={"Accept": "application/json"})
        body, address = safe_json.parse(response.content), response.url or ""
    taken = services.take_readable(feed, body, now=clock.now())
    following = polling.next_page(page, rules, body=body, count=taken.count)
    if following and following.address:
        following = replace(following, address=urljoin(address, following.address))
    return following, taken


def _asked(feed: WorkOrderFeed, client: OutboundClient, page: polling.Page) -> Any:
    path = feed.poll_path or feed.connection.setting("graphql_path", "/graphql")
    variables = polling.variables_of(page, feed.page_rules)
    reply = graphql.execute(client, path, feed.poll_document, variables, effect=False)
    if reply.errors or reply.data is None:
        raise PermanentError(f"The poll's GraphQL query was answered with errors: {reply.messages}")
    return reply.data


def _position(feed: WorkOrderFeed) -> dict[str, Any]:
    """Return where the poll stands: a new one from the watermark, or one that was interrupted."""
    kept = feed.position
    if kept and kept.get("rules") == asdict(feed.page_rules):
        return {
            "page": polling.Page(**kept["page"]),
            "started_at": datetime.fromisoformat(kept["started_at"]),
            "taken": Taken(**kept["taken"]),
            "rules": kept["rules"],
        }
    started, connection = clock.now(), feed.connection
    looks_back = timedelta(minutes=feed.overlap_minutes) if feed.since else timedelta(days=feed.first_days)
    since = times.format_time(
        (feed.since or started) - looks_back, date_format=connection.date_format, zone=connection.time_zone
    )
    return {
        "page": polling.Page(since=since),
        "started_at": started,
        "taken": Taken(),
        "rules": asdict(feed.page_rules),
    }


def _stored(state: dict[str, Any]) -> dict[str, Any]:
    return {
        "page": asdict(state["page"]),
        "started_at": state["started_at"].isoformat(),
        "taken": asdict(state["taken"]),
        "rules": state["rules"],
    }


def _finished(claim: Claim, state: dict[str, Any]) -> None:
    """Move the watermark on: to when this poll began, so that nothing which changed meanwhile is missed."""
    started, taken = state["started_at"], state["taken"]
    due = clock.now() + timedelta(minutes=claim.row.poll_minutes)
    done = {"since": started, "last_polled_at": clock.now(), "position": {}, "failing_since": None}
    _hold(
        claim,
        **done,
        note=str(taken),
        state=WorkState.DUE,
        due_at=due,
        claim_token=None,
        deaths=0,
        attempts=0,
        retry_since=None,
    )


def _again(claim: Claim, error: Exception, *, due_at: datetime) -> None:
    """Go on with this poll later, where it stopped."""
    note = f"The poll was interrupted and goes on where it stopped. {error}"
    since = claim.row.failing_since or clock.now()
    WorkOrderFeed.objects.retry(claim, due_at=due_at, note=note, failing_since=since)
    wake(POLL_TASK, countdown=max((due_at - clock.now()).total_seconds(), 0.0))


def _over(claim: Claim, said: str) -> None:
    """Give this poll up; the next one starts anew from the watermark: a page's address may not hold for ever."""
    due, since = clock.now() + timedelta(minutes=claim.row.poll_minutes), claim.row.failing_since or clock.now()
    note = f"The poll failed; the next one starts anew from the same time. {said}"
    WorkOrderFeed.objects.retry(claim, due_at=due, note=note, failing_since=since, position={})


def _hold(claim: Claim, **values: Any) -> None:
    """Write to the held row. :raises LeaseLost: if another worker holds it"""
    if not WorkOrderFeed.objects.held(claim).update(**values):
        raise LeaseLost
