"""Hosted link pages: found by their address, renewed, revoked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.platforms.worklink.links.drafting import Offer
from integrations.platforms.worklink.links.issuing import enabled_templates, look_up
from integrations.platforms.worklink.links.opening import end_of
from integrations.platforms.worklink.models import IssuedLink, LinkPage
from integrations.platforms.worklink.models.pages import new_page_token
from integrations.platforms.worklink.options import options_of
from integrations.workorders.models import ExternalId, WorkOrder

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SHOWN = ("title", "asset", "site", "status", "assignee", "priority")


@dataclass(frozen=True)
class Content:
    """What a page shows: what the order is called, what the connection's settings let be told of it, its links."""

    key: str
    facts: Sequence[tuple[str, str]]
    links: Sequence[IssuedLink]


def renew(page: LinkPage, *, now: datetime) -> None:
    """Give the page another address; the old one leads nowhere from now on, and a revoked page is open again."""
    page.token, page.created_at, page.revoked_at = new_page_token(), now, None
    page.expires_at = end_of(options_of(page.connection), now=now)
    page.save(update_fields=["token", "created_at", "expires_at", "revoked_at"])


def revoke(page: LinkPage, *, now: datetime) -> None:
    """Close the page; it stays closed whatever links are given out."""
    LinkPage.objects.filter(pk=page.pk, revoked_at__isnull=True).update(revoked_at=now)


def find(token: str, *, now: datetime) -> LinkPage | None:
    """Return the open page of this address; None for what is unknown, revoked, expired or not hosted any more."""
    if not TOKEN.fullmatch(token):
        return None
    page = LinkPage.objects.select_related("connection", "work_order").filter(token=token).first()
    if page is None or not page.is_open(now=now):
        return None
    return page if options_of(page.connection).host_pages else None


def content_of(page: LinkPage) -> Content:
    """Read what a page shows. Nothing is given out: a link that the order has outgrown is not shown, nor made anew."""
    options, order = options_of(page.connection), page.work_order
    templates = enabled_templates().filter(connection=page.connection)
    if options.page_templates:
        templates = templates.filter(slug__in=options.page_templates)
    offers = look_up(list(templates), [order])
    told = [(name, str(getattr(order, name))) for name in SHOWN if name in options.page_shows]
    links = [offer.link for offer in offers if offer.link is not None]
    return Content(_key(order, offers), [pair for pair in told if pair[1]], links)


def _key(order: WorkOrder, offers: Sequence[Offer]) -> str:
    """Return what the order is called in the system of record of its links, else in the first that knows it."""
    names = ExternalId.objects.filter(work_order=order).order_by("pk").values_list("system__slug", "external_id")
    meant = {offer.template.system_slug() for offer in offers}
    called = list(names)
    return next((name for slug, name in called if slug in meant), called[0][1] if called else "")


def addresses_of(links: Iterable[IssuedLink], *, now: datetime) -> dict[int, str]:
    """Return the address of the open page of each link's order, by the link's number; one query for all."""
    links = list(links)
    orders = {link.work_order_id for link in links}
    rows = LinkPage.objects.filter(work_order__in=orders).select_related("connection")
    there = {(row.connection_id, row.work_order_id): row for row in rows if row.is_open(now=now)}
    hosted = {key: row.address for key, row in there.items() if options_of(row.connection).host_pages}
    found = {link.pk: hosted.get((link.template.connection_id, link.work_order_id), "") for link in links}
    return {pk: address for pk, address in found.items() if address}


def address_of(link: IssuedLink, *, now: datetime) -> str:
    """Return the address of the open page of a link's order; "" if there is none."""
    return addresses_of([link], now=now).get(link.pk, "")
