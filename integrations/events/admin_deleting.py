"""What the page that asks before a deletion lists: names. Django's own list has the rows of the table of links."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from integrations.events.models import Endpoint, EventFilter

Listed = tuple[list[Any], dict[str, int]]


def of_filters(rows: Iterable[EventFilter]) -> Listed:
    """Return the filters with the endpoints that lose them, and how many there are of each."""
    return _listed(rows, _("Its link to the endpoint “{name}”"), lambda row: map(str, row.endpoints.all()))


def of_endpoints(rows: Iterable[Endpoint]) -> Listed:
    """Return the endpoints with the filters that lose them, and how many there are of each."""
    return _listed(rows, _("Its link to the event filter “{name}”"), lambda row: map(str, row.filters.all()))


def _listed(rows: Iterable[Any], link: str, names_of: Callable[[Any], Iterable[str]]) -> Listed:
    shown: list[Any] = []
    counts: dict[str, int] = {}
    for row in rows:
        links = [link.format(name=name) for name in names_of(row)]
        shown += [str(row), links] if links else [str(row)]
        kind = str(row._meta.verbose_name_plural)
        counts[kind] = counts.get(kind, 0) + 1
        if links:
            counts[_("links")] = counts.get(_("links"), 0) + len(links)
    return shown, counts
