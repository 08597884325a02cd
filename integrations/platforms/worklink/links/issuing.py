"""Giving out links: the same content gives the same link, however often and by however many it is asked for at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from django.db import transaction
from django.db.models import QuerySet

from integrations.core.inserting import insert_all
from integrations.events import services as events
from integrations.events.models import Event
from integrations.platforms.worklink.links import grammar, opening
from integrations.platforms.worklink.links.drafting import (
    OTHER_WORKSPACE,
    Draft,
    Name,
    Offer,
    drafted,
    name_of,
    records_of,
)
from integrations.platforms.worklink.links.qr import Code
from integrations.platforms.worklink.models import IssuedLink, LinkTemplate
from integrations.workorders.models import WorkOrder

SOURCE_TYPE = "worklink.link"
ISSUED_EVENT = "link.issued"


def issue(template: LinkTemplate, order: WorkOrder) -> IssuedLink:
    """Return the order's link, given out now if its content is new. Raises LinkRefused, by name."""
    (offer,) = issue_many([template], [order])
    if offer.refusal is not None:
        raise offer.refusal
    return cast(IssuedLink, offer.link)


def links_of(order: WorkOrder, *, issuing: bool = True) -> list[Offer]:
    """Return an offer for each enabled template of the order's workspace; without `issuing` nothing is written."""
    return links_of_many([order], issuing=issuing).get(order.pk, [])


def links_of_many(orders: Iterable[WorkOrder], *, issuing: bool = True) -> dict[int, list[Offer]]:
    """As `links_of`, by the number of the order; the number of queries does not grow with that of the orders."""
    orders = list(orders)
    wanted = {order.workspace_id for order in orders}
    templates = list(enabled_templates().filter(connection__workspace__in=wanted))
    found: dict[int, list[Offer]] = {order.pk: [] for order in orders}
    for offer in issue_many(templates, orders) if issuing else look_up(templates, orders):
        if offer.refusal is None or offer.refusal.code != OTHER_WORKSPACE:
            found[offer.work_order.pk].append(offer)
    return found


def enabled_templates() -> "QuerySet[LinkTemplate]":
    rows = LinkTemplate.objects.filter(enabled=True).select_related("connection", "system")
    return rows.order_by("connection__name", "name", "pk")


def url_of(issued: IssuedLink, form: str = "") -> str:
    """Return a link in a form, that of its template by default. Raises LinkRefused: `too_long`."""
    return grammar.in_form(issued.direct, form or issued.template.form, longest=issued.template.longest)


def code_of(issued: IssuedLink, form: str = "") -> Code:
    """Return the link's QR code, which may be `too_long` where the link is not. Raises LinkRefused: `too_long`."""
    return Code(url_of(issued, form))


@transaction.atomic
def issue_many(templates: Sequence[LinkTemplate], orders: Sequence[WorkOrder]) -> list[Offer]:
    """Give out what is missing, and publish it; an offer for each pair, order by order."""
    records = records_of(orders)
    offers = list(drafted(templates, orders, records))
    drafts = sorted((each for each in offers if isinstance(each, Draft)), key=lambda each: each.name)
    known = _known(drafts)
    missing = {each.name: each.row for each in drafts if each.name not in known}
    new = insert_all(list(missing.values()), key="lnk") if missing else []
    opening.open_all(new)
    events.publish_all([_event(row, records[row.work_order_id]) for row in new])
    if len(new) < len(missing):  # someone else gave them out at this moment
        known |= _known(drafts)
    known |= {name_of(row): row for row in new}
    return [_offer(each, known, new={row.lnk for row in new}) for each in offers]


def look_up(templates: Sequence[LinkTemplate], orders: Sequence[WorkOrder]) -> list[Offer]:
    """Return the offers as they stand; nothing is given out."""
    offers = list(drafted(templates, orders, records_of(orders)))
    known = _known([each for each in offers if isinstance(each, Draft)])
    return [_offer(each, known) for each in offers]


def _offer(each: Draft | Offer, known: Mapping[Name, IssuedLink], *, new: Collection[str] = ()) -> Offer:
    if isinstance(each, Offer):
        return each
    row = known.get(each.name)
    if row is not None:  # the caller's own rows, whose related ones are read already
        row.template, row.work_order = each.row.template, each.row.work_order
    return Offer(each.row.template, each.row.work_order, link=row, new=row is not None and row.lnk in new)


def _known(drafts: Sequence[Draft]) -> dict[Name, IssuedLink]:
    if not drafts:
        return {}
    rows = IssuedLink.objects.filter(
        template__in={each.name[0] for each in drafts},
        work_order__in={each.name[1] for each in drafts},
        digest__in={each.name[2] for each in drafts},
    )
    return {name_of(row): row for row in rows}


def _event(row: IssuedLink, records: Mapping[int, str]) -> Event:
    template = row.template
    return Event(
        workspace_id=cast(int, template.connection.workspace_id),  # the stubs take a default for "may be null"
        type=ISSUED_EVENT,
        occurred_at=row.issued_at,
        payload={
            "records": {str(system): external_id for system, external_id in records.items()},
            "work_order": row.work_order_id,
            "connection": template.connection.slug,
            "template": template.slug,
            "purpose": template.purpose,
            "url": url_of(row),
        },
        source_type=SOURCE_TYPE,
        source_id=str(row.pk),
        subject=f"workorder/{row.work_order_id}",
    )
