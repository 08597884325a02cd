"""What the home page shows: steps of the set-up, counters, the state of connections, what moved last."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from integrations.connections.models import Connection, Health
from integrations.core import registries
from integrations.core.badges import Text
from integrations.inbox.models import ReceivedWebhook, WebhookSource
from integrations.sync.models import Operation, OperationKind, RecordWrite, Verdict
from integrations.workorders.models import WorkOrder


@dataclass(frozen=True)
class Step:
    """One step of setting up; `url` leads to where it is done."""

    title: Text
    about: Text
    url: str
    done: bool
    current: bool = False


@dataclass(frozen=True)
class Plan:
    title: Text
    about: Text
    view: str
    done: Callable[[], bool]


PLANS = [
    Plan(
        _("Add a connection"),
        _("One for the platform that sends, one for the system of record that is written to."),
        "connections_connection_add",
        Connection.objects.exists,
    ),
    Plan(
        _("Test it"),
        _("Open the connection and press “Test connection”."),
        "connections_connection_changelist",
        lambda: Connection.objects.filter(health=Health.OK).exists(),
    ),
    Plan(
        _("Add a source and copy its address"),
        _("The platform sends its webhooks to this address."),
        "inbox_webhooksource_changelist",
        WebhookSource.objects.exists,
    ),
    Plan(
        _("Receive the first webhook"),
        _("Waiting for the first webhook. Do something on the platform that makes it send one."),
        "inbox_receivedwebhook_changelist",
        ReceivedWebhook.objects.exists,
    ),
    Plan(
        _("Add a mapping"),
        _("What is written into the system of record, and from which fields."),
        "sync_operation_changelist",
        lambda: Operation.objects.filter(~Q(kind=OperationKind.LOOKUP), enabled=True).exists(),
    ),
    Plan(
        _("See the first confirmed write"),
        _("Sent, then read back and found equal."),
        "sync_recordwrite_changelist",
        lambda: RecordWrite.objects.filter(verdict=Verdict.CONFIRMED).exists(),
    ),
]


def steps() -> list[Step]:
    """Return the six steps with their state; empty once all are done."""
    states = [plan.done() for plan in PLANS]
    if all(states):
        return []
    first_open = states.index(False)
    return [
        Step(plan.title, plan.about, reverse(f"admin:{plan.view}"), done, current=number == first_open)
        for number, (plan, done) in enumerate(zip(PLANS, states, strict=True))
    ]


def _silent_addresses() -> list[WebhookSource]:
    """Return the sources to copy an address from, while nothing has come to any."""
    if ReceivedWebhook.objects.exists():
        return []
    return list(WebhookSource.objects.filter(enabled=True).defer("secrets").order_by("name")[:3])


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the home page shows to this user: nothing of what they may not open."""
    may = request.user.has_perm
    counters = [counter for counter in registries.counters() if counter.url and may(counter.right)]
    counters.sort(key=lambda counter: not (counter.attention and counter.value))
    quiet = [counter for counter in counters if not counter.value]
    shown: dict[str, Any] = {"title": _("Home"), "counters": counters, "quiet_counters": quiet}
    if may("connections.view_connection"):
        secrets = ("credentials", "token_cache", "probe", "settings")
        shown |= {"connections": Connection.objects.defer(*secrets).order_by("name")[:20]}
    if may("connections.add_connection"):
        shown |= {"steps": steps(), "addresses": _silent_addresses() if may("inbox.view_webhooksource") else []}
    if may("workorders.view_workorder"):
        recent = WorkOrder.objects.order_by("-changed_at").prefetch_related("external_ids")
        shown |= {"recent": recent[:8]}
    return shown
