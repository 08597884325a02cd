"""Links that are given out by themselves: for new and changed orders, by the templates that are set so."""

import logging
from collections.abc import Iterator, Sequence

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from integrations.core import clock
from integrations.core.ids import correlated
from integrations.core.wake import wake
from integrations.core.work import Claim, LeaseLost, WorkState
from integrations.events.models import Event
from integrations.platforms.worklink.links.issuing import enabled_templates, issue_many
from integrations.platforms.worklink.models import LinkTemplate, LinkWish
from integrations.workorders.models import WorkOrder

logger = logging.getLogger(__name__)

TASK = "worklink.issue"
ORDER = "workorder"
LARGEST = 2**63 - 1


def answer(events: Sequence[Event]) -> None:
    """Wish for the links of the orders that these events tell of, inside the sequencer's transaction."""
    told = {number: event for event in events for number in _number_of(event)}
    if (
        not told
        or not enabled_templates().filter(automatic=True, connection__workspace=events[0].workspace_id).exists()
    ):
        return
    rows = [
        LinkWish(order_number=number, subject=event.subject, correlation_id=event.correlation_id)
        for number, event in sorted(told.items())
    ]
    LinkWish.objects.bulk_create(rows, ignore_conflicts=True)
    LinkWish.objects.filter(order_number__in=told).want(now=clock.now())
    wake(TASK)


def _automatic(workspace_id: int | None) -> QuerySet[LinkTemplate]:
    return enabled_templates().filter(automatic=True, connection__workspace=workspace_id)


def _number_of(event: Event) -> Iterator[int]:
    if event.source_type == ORDER and event.source_id.isdecimal() and int(event.source_id) <= LARGEST:
        yield int(event.source_id)


def grant(claim: Claim) -> None:
    """Give out the links of one order. Safe to repeat: the same content is the same link."""
    rows = LinkWish.objects.all()
    with correlated(claim.row.correlation_id):
        try:
            state, note = _granted(claim.row)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception as error:  # the edge of a job: one order must not stop the others
            logger.exception("the links of %s could not be given out", claim.row)
            state, note = WorkState.FAILED, f"{type(error).__name__}: {error}"
        rows.finish(claim, state=state, note=note)


def _granted(wish: LinkWish) -> tuple[WorkState, str]:
    order = WorkOrder.objects.filter(pk=wish.order_number).first()
    if order is None or order.closed:
        return WorkState.SKIPPED, "The order is closed." if order else "The order was deleted."
    offers = issue_many(list(_automatic(order.workspace_id)), [order])
    given = [f"{each.template}: given out." for each in offers if each.link]
    refused = [f"{each.template}: {each.refusal}" for each in offers if each.refusal]
    return WorkState.DONE if given else WorkState.SKIPPED, " ".join([*given, *refused])
