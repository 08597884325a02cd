"""Hosted link pages are opened with the first link of an order, where the connection is set so."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.connections.models import Connection
from integrations.platforms.worklink.models import IssuedLink, LinkPage
from integrations.platforms.worklink.options import Options, options_of


def open_all(links: Iterable[IssuedLink]) -> None:
    """Give the orders of these links a page. One that is there stays as it is, also where it was revoked."""
    wanted = {(each.template.connection_id, each.work_order_id): each.template.connection for each in links}
    rows = [_page(connection, order) for (_, order), connection in sorted(wanted.items(), key=lambda item: item[0])]
    if pages := [row for row in rows if row is not None]:
        LinkPage.objects.bulk_create(pages, ignore_conflicts=True)


def _page(connection: Connection, order_id: int) -> LinkPage | None:
    options, now = options_of(connection), timezone.now()
    if not options.host_pages:
        return None
    return LinkPage(connection=connection, work_order_id=order_id, created_at=now, expires_at=end_of(options, now=now))


def end_of(options: Options, *, now: datetime) -> datetime | None:
    """Return when a page that is opened now ends; None: it does not."""
    return now + timedelta(days=options.page_days) if options.page_days else None
