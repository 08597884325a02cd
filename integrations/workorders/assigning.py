"""The page on which an operator gives unmatched rows a work order: found by key, or named and created."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.workorders import services
from integrations.workorders.models import ExternalId, Join, WorkOrder
from integrations.workorders.naming import fault_of, order_called

OFFERED = 20
BY_OWN_KEY = "own"


@dataclass(frozen=True)
class Refused(Exception):
    """The choice cannot be carried out; the sentence says why."""

    sentence: str


def page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the selected rows and the orders that they may belong to; a POST assigns."""
    joins = _selected(request)
    if not joins:
        messages.warning(request, _("Choose at least one row that is still unmatched."))
        return HttpResponseRedirect(reverse("admin:workorders_join_changelist"))
    if request.method == "POST" and (done := _assign(request, joins)):
        messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:workorders_join_changelist"))
    return TemplateResponse(request, "workorders/assign.html", site.each_context(request) | _context(request, joins))


def _selected(request: HttpRequest) -> list[Join]:
    pks = [pk for pk in request.GET.get("ids", "").split(",") if pk.isdecimal()]
    return list(Join.objects.filter(pk__in=pks).select_related("connection", "work_order").order_by("occurred_at"))


def _context(request: HttpRequest, joins: list[Join]) -> dict[str, Any]:
    term = request.GET.get("q", joins[0].key_read).strip()
    return {
        "title": _("Assign a work order"),
        "joins": joins,
        "term": term,
        "orders": list(_called(term, workspace_id=joins[0].workspace_id)) if term else [],
        "systems": list(_systems(joins[0].workspace_id)),
        "keyed": sum(1 for join in joins if join.key_read),
    }


def _systems(workspace_id: int | None) -> QuerySet[Connection]:
    """Connections that orders may belong to: not those that the rows came from."""
    senders = Join.objects.values("connection")
    return Connection.objects.filter(workspace=workspace_id).exclude(pk__in=senders).defer("credentials", "token_cache")


def _called(term: str, *, workspace_id: int | None) -> QuerySet[WorkOrder]:
    named = ExternalId.objects.filter(external_id__istartswith=term).values("work_order")
    meant = Q(pk__in=named) | Q(title__icontains=term)
    rows = WorkOrder.objects.filter(meant, workspace=workspace_id).order_by("closed", "-changed_at")
    return rows.prefetch_related("external_ids__system")[:OFFERED]


def _assign(request: HttpRequest, joins: list[Join]) -> str:
    """Do as chosen; return the sentence that says so, or "" after a message that says why not."""
    try:
        chosen = [(join, _order_for(request, join)) for join in joins]
        for join, order in chosen:
            services.assign(join, order, by=request.user.get_username(), now=clock.now())
    except Refused as error:
        messages.error(request, error.sentence)
    except services.JoinChanged:
        messages.error(request, _("Someone else decided about one of these rows meanwhile. Look at the list again."))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        words = ngettext("%d row was assigned; its facts are written now.", "%d rows were assigned.", len(joins))
        return words % len(joins)
    return ""


def _order_for(request: HttpRequest, join: Join) -> WorkOrder:
    """Return the order that the form chose for a row. :raises Refused:"""
    choice = request.POST.get("order", "")
    if choice.isdecimal():
        found = WorkOrder.objects.filter(pk=choice).first()
        if found is None:
            raise Refused(_("This work order is no longer there."))
        return found
    key = join.key_read if choice == BY_OWN_KEY else request.POST.get("key", "").strip()
    return _named(key, system=request.POST.get(f"system-{choice}", ""))


def _named(key: str, *, system: str) -> WorkOrder:
    owner = Connection.objects.filter(pk=system).first() if system.isdecimal() else None
    if owner is None:
        raise Refused(_("Choose a work order, or the system of record that the key belongs to."))
    if fault := fault_of(key):
        raise Refused(fault)
    return order_called(key, system=owner).work_order
