"""Event filters: made, changed, deleted and linked by the rules of the sheet (3, 9.1), all or nothing."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from integrations.events import conditions
from integrations.events.models import Endpoint, EventFilter
from integrations.events.refusals import Missing, Refused
from integrations.events.selectors.subscriptions import filtered_endpoints
from integrations.events.services.changing import changed
from integrations.events.services.subscribing import ids_of, name_error, refuse

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Saved:
    """A filter as it is stored, and what its change did to endpoints that a person should know of."""

    filter: EventFilter
    warnings: Sequence[str] = ()


@transaction.atomic
def create_filter(
    workspace_id: int,
    *,
    given: Mapping[str, Any],
    now: datetime,
    name: str | None = "",
    endpoint_ids: Collection[UUID | str] = (),
) -> Saved:
    """Make a filter from its conditions, as the API names them, and link it to endpoints.

    :raises Refused: for a condition, a name, or an endpoint that is not of the workspace; then nothing is stored
    """
    values = conditions.read(given)
    refuse(name_error(name or "", required=False))
    endpoints = _endpoints(workspace_id, endpoint_ids)
    row = EventFilter(workspace_id=workspace_id, name=(name or "").strip(), created_at=now, modified_at=now, **values)
    row.save(force_insert=True)
    return Saved(row, link(row, endpoints))


@transaction.atomic
def update_filter(
    workspace_id: int,
    pk: UUID | str,
    *,
    now: datetime,
    given: Mapping[str, Any] | None = None,
    name: str | None = None,
    endpoint_ids: Collection[UUID | str] | None = None,
) -> Saved:
    """Change what is given of a filter; conditions are replaced as a whole. :raises Missing: :raises Refused:"""
    row = filter_of(workspace_id, pk, lock=True)
    values = {} if given is None else conditions.blank() | conditions.read(given)
    if name is not None:
        refuse(name_error(name, required=False))
        values["name"] = name.strip()
    endpoints = None if endpoint_ids is None else _endpoints(workspace_id, endpoint_ids)
    for column, value in values.items():
        setattr(row, column, value)
    row.modified_at = now
    row.save()
    return Saved(row, link(row, endpoints))


@transaction.atomic
def delete_filters(workspace_id: int, pks: Collection[UUID | str]) -> list[str]:
    """Delete filters; return a warning for each endpoint that has none left. :raises Missing: for any unknown id"""
    ids = ids_of(pks)
    rows = EventFilter.objects.filter(workspace_id=workspace_id, pk__in=ids)
    if rows.count() != len(ids):
        raise Missing("event filter")
    before = filtered_endpoints(workspace_id)
    for row in rows:
        row.delete()
    changed(workspace_id)
    return _told(before, filtered_endpoints(workspace_id))


@transaction.atomic
def delete_filter(row: EventFilter) -> None:
    """Delete a filter as it was read; what that widens is in the log."""
    before = filtered_endpoints(row.workspace_id)
    row.delete()
    changed(row.workspace_id)
    _told(before, filtered_endpoints(row.workspace_id))


def filter_of(workspace_id: int, pk: UUID | str, *, lock: bool = False) -> EventFilter:
    """:raises Missing: if there is none in the workspace"""
    rows = EventFilter.objects.filter(workspace_id=workspace_id, pk__in=ids_of([pk]))
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise Missing("event filter")
    return row


def link(row: EventFilter, endpoints: Sequence[Endpoint] | None) -> list[str]:
    """Link a saved filter to exactly these endpoints, None leaves them as they are; say what that did to them."""
    before = filtered_endpoints(row.workspace_id)
    if endpoints is not None:
        row.endpoints.set(endpoints)
    changed(row.workspace_id)
    return _told(before, filtered_endpoints(row.workspace_id))


def _told(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Say which endpoints got their first filter, and which lost their last; a silent flood is in the log, too."""
    for sentence in (widened(name) for pk, name in before.items() if pk not in after):
        logger.warning("%s", sentence)
    return _sentences_of(before, after)


def _sentences_of(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    first = [narrowed(name) for pk, name in after.items() if pk not in before]
    return first + [widened(name) for pk, name in before.items() if pk not in after]


def warnings_of(row: EventFilter, *, endpoint_ids: Collection[UUID]) -> list[str]:
    """Return what it would do to endpoints if the filter were linked to exactly these; nothing is changed."""
    before = filtered_endpoints(row.workspace_id)
    others = filtered_endpoints(row.workspace_id, without=row.pk)
    chosen = Endpoint.objects.of(row.workspace_id).filter(pk__in=endpoint_ids)
    after = others | {str(pk): name for pk, name in chosen.values_list("pk", "name")}
    return _sentences_of(before, after)


def narrowed(name: str) -> str:
    return f"“{name}” received every event until now; from now on it receives those that match."


def widened(name: str) -> str:
    return f"“{name}” has no filter left: from now on it receives every event of the workspace."


def _endpoints(workspace_id: int, pks: Iterable[UUID | str]) -> list[Endpoint]:
    try:
        ids = ids_of(pks)
    except Missing:
        raise Refused({"endpointIds": "One of them is not an id."}) from None
    found = list(Endpoint.objects.of(workspace_id).filter(pk__in=ids))
    if missing := ids - {row.pk for row in found}:
        named = ", ".join(sorted(map(str, missing))[:5])
        raise Refused({"endpointIds": f"There is no such endpoint in this workspace: {named}."})
    return found
