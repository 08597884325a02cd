"""Recognitions join work orders by explicit rules alone, judged when their time comes, not in the sequencer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.camera.models import Visit
from integrations.core.work import Claim, WorkState
from integrations.events.models import Event
from integrations.events.services import publish
from integrations.platforms.omni.models import JoinRule, Recognition, Window
from integrations.workorders.models import WorkOrder

JOINED, SOURCE = "recognition.joined", "omni.recognition"
MOST = 6


def join(claim: Claim) -> None:
    """Join the recognition of this row to the one work order that its rule means; publish it, in one transaction."""
    row = Recognition.objects.select_related("event", "rule").get(pk=claim.pk)
    rule, event = row.rule, row.event
    if rule is None or not rule.enabled:
        Recognition.objects.finish(claim, state=WorkState.SKIPPED, note="The rule was deleted or switched off.")
        return
    found = list(orders_of(rule, at=event.occurred_at)[:MOST])
    if len(found) != 1:
        Recognition.objects.finish(claim, state=WorkState.SKIPPED, note=_why_not(rule, found))
        return
    with transaction.atomic():
        note = f"Joined to {found[0]} by rule “{rule}”."
        ended = Recognition.objects.finish(claim, state=WorkState.DONE, note=note, subject=found[0].subject)
        if ended:
            _publish(row, event, order=found[0], rule=rule)


def _publish(row: Recognition, event: Event, *, order: WorkOrder, rule: JoinRule) -> None:
    publish(
        workspace_id=event.workspace_id,
        type=JOINED,
        occurred_at=event.occurred_at,
        payload={"event": str(event.uuid), "type": event.type, "rule": str(rule), "work_order": str(order)},
        source_type=SOURCE,
        source_id=str(row.pk),
        subject=order.subject,
    )


def orders_of(rule: JoinRule, *, at: datetime) -> QuerySet[WorkOrder]:
    """Return the work orders that a rule means at a moment."""
    named = {name: value for name, value in (("asset", rule.asset), ("site", rule.site)) if value}
    orders = WorkOrder.objects.filter(workspace=rule.workspace, **named).order_by("pk")
    around = timedelta(minutes=rule.minutes_around)
    if rule.window == Window.ORDER:
        opened = Q(opened_at__lte=at + around) | Q(opened_at__isnull=True, created_at__lte=at + around)
        ended = Q(resolved_at__isnull=True, closed=False) | Q(resolved_at__gte=at - around)
        return orders.filter(opened, ended)
    visits = Visit.objects.filter(arrived_at__lte=at + around).exclude(subject="")
    left = Q(left_at__gte=at - around) | Q(abandoned_at__gte=at - around)
    still = Q(left_at__isnull=True, abandoned_at__isnull=True, expires_at__gte=at - around)
    subjects = visits.filter(left | still).values_list("subject", flat=True)
    return orders.filter(pk__in=[_number(each) for each in subjects if each.startswith("workorder/")])


def _number(subject: str) -> int:
    return int(subject.partition("/")[2])


def _why_not(rule: JoinRule, found: list[WorkOrder]) -> str:
    meant = " and ".join(filter(None, (rule.asset and f"asset {rule.asset}", rule.site and f"site {rule.site}")))
    if not found:
        return f"No work order with {meant} was open {'for a visit ' if rule.window == Window.VISIT else ''}then."
    named = ", ".join(str(each) for each in found[: MOST - 1]) + (" …" if len(found) == MOST else "")
    return f"Several work orders were meant ({named}), and a rule joins to one alone. Narrow the rule."
