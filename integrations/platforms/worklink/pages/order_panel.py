"""The links' box on the page of a work order: each with its codes, what is wrong with it, and the hosted page."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.core.badges import Text
from integrations.core.panels import Panel
from integrations.platforms.worklink.links import opening, pages
from integrations.platforms.worklink.links.drafting import Offer
from integrations.platforms.worklink.links.issuing import code_of, links_of, url_of
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink, LinkPage
from integrations.platforms.worklink.options import options_of
from integrations.workorders.models import WorkOrder

RIGHT = "worklink.change_linkpage"


@dataclass(frozen=True)
class Shape:
    """A link in one form. `refused` says why there is none, `no_code` why it has no QR code."""

    form: str
    url: str = ""
    svg: str = ""
    png: str = ""
    warning: str = ""
    no_code: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Row:
    """`shapes`: that of the template's form first; none where the link is not given out."""

    offer: Offer
    shapes: list[Shape]


@dataclass(frozen=True)
class Hosted:
    page: LinkPage
    is_open: bool


def panel(order: WorkOrder) -> Panel | None:
    """Return the box; None where no template makes links for orders of this workspace. Nothing is given out."""
    offers = links_of(order, issuing=False)
    if not offers:
        return None
    context = {
        "order": order,
        "rows": [Row(offer, shapes_of(offer.link) if offer.link else []) for offer in offers],
        "missing": any(offer.link is None and offer.refusal is None for offer in offers),
        "pages": _pages(order),
    }
    return Panel(_("Links"), template="worklink/order_panel.html", context=context)


def _pages(order: WorkOrder) -> list[Hosted]:
    now = timezone.now()
    rows = LinkPage.objects.filter(work_order=order).select_related("connection").order_by("pk")
    return [Hosted(row, row.is_open(now=now)) for row in rows if options_of(row.connection).host_pages]


def shapes_of(link: IssuedLink) -> list[Shape]:
    forms = sorted(("direct", "deferred"), key=lambda form: form != link.template.form)
    return [_shape(link, form) for form in forms]


def _shape(link: IssuedLink, form: str) -> Shape:
    try:
        url = url_of(link, form)
    except LinkRefused as refused:
        return Shape(form, refused=refused.sentence)
    code = code_of(link, form)
    try:
        code.svg()
    except LinkRefused as refused:
        return Shape(form, url, no_code=refused.sentence)
    svg, png = (reverse("admin:worklink_code", args=[link.pk, form, kind]) for kind in ("svg", "png"))
    return Shape(form, url, svg, png, warning=code.warning)


def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what a button of the box says, and go back to the order. :raises PermissionDenied:"""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    order = get_object_or_404(WorkOrder, pk=pk)
    verb, _separator, number = request.POST.get("links", "").partition(" ")
    messages.success(request, str(_done(order, verb, number)))
    return HttpResponseRedirect(reverse("admin:workorders_workorder_change", args=[pk]))


def _done(order: WorkOrder, verb: str, number: str) -> Text:
    if verb == "issue":
        given = [offer.link for offer in links_of(order) if offer.link]
        opening.open_all(given)
        return _("The links were given out. What cannot be made says why.")
    rows = LinkPage.objects.select_related("connection").filter(work_order=order)
    page = get_object_or_404(rows, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
    if verb == "renew":
        pages.renew(page, now=timezone.now())
        return _("The page has a new address. The old one leads nowhere from now on.")
    if verb == "revoke":
        pages.revoke(page, now=timezone.now())
        return _("The page is closed: its address leads nowhere from now on.")
    raise Http404
