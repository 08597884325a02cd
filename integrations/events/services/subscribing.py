"""Endpoints and event filters: made, changed and deleted by the rules of the sheet (2, 3, 9.1), all or nothing."""

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from integrations.core.ids import random_token
from integrations.core.signing import matches_any
from integrations.events import conditions
from integrations.events.models import Endpoint, EndpointType, EventFilter, EventPolicy, WebsocketAuth, WebsocketErrors
from integrations.events.refusals import Missing, Refused
from integrations.events.selectors.subscriptions import filtered_endpoints
from integrations.events.services.changing import changed
from integrations.outbox.models import Destination
from integrations.outbox.services import destinations

logger = logging.getLogger(__name__)
LONGEST_NAME = 200
WEBSOCKET_FIELDS: dict[str, Any] = {"auth": WebsocketAuth, "ws_errors": WebsocketErrors}
WEBHOOK_FIELDS = frozenset(
    {"url", "method", "headers", "rate_per_second", "concurrency", "connect_seconds", "total_seconds", "enabled"}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Saved:
    """A filter as it is stored, and what its change did to endpoints that a person should know of."""

    filter: EventFilter
    warnings: Sequence[str] = ()


@transaction.atomic
def create_websocket(
    workspace_id: int, *, name: str, now: datetime, auth: str = "", ws_errors: str = WebsocketErrors.HTTP
) -> Endpoint:
    """Make an endpoint that sockets connect with. `auth` is the workspace's choice if empty. :raises Refused:"""
    auth = auth or EventPolicy.of(workspace_id).websocket_auth
    errors = name_error(name)
    errors |= _choice_error("auth", auth, WebsocketAuth) | _choice_error("ws_errors", ws_errors, WebsocketErrors)
    _refuse(errors)
    row = Endpoint(workspace_id=workspace_id, name=name.strip(), type=EndpointType.WEB_SOCKET)
    row.auth, row.ws_errors, row.access = auth, ws_errors, random_token(24)
    return _made(row, now=now)


@transaction.atomic
def create_webhook(
    workspace_id: int, *, name: str, url: str, now: datetime, method: str = "", secret: str = "", **values: Any
) -> Endpoint:
    """Make an endpoint whose events are sent to an address; POST if no method is given. `values`: of the destination.

    :raises Refused: naming each argument that is wrong
    """
    row = Endpoint(workspace_id=workspace_id, name=name.strip(), type=EndpointType.WEB_HOOK, auth="")
    _refuse(name_error(name))
    try:
        row.destination = destinations.create(
            workspace_id, uid=row.pk, name=row.name, url=url, method=method or "POST", secret=secret, **values
        )
    except ValidationError as error:
        raise Refused(_sentences(error)) from None
    return _made(row, now=now)


@transaction.atomic
def update_endpoint(workspace_id: int, pk: UUID | str, *, now: datetime, **values: Any) -> Endpoint:
    """Change what is given of an endpoint: its name, then what its type has. Id and type never change.

    A websocket has auth and ws_errors; a webhook what its destination has: url, method, headers, limits, enabled.
    What waits goes to a new address, too. :raises Missing: :raises Refused:
    """
    row = endpoint_of(workspace_id, pk, lock=True)
    errors = name_error(values["name"]) if "name" in values else {}
    for field in set(values) - {"name"}:
        errors |= _field_error(row, field, values[field])
    _refuse(errors)
    row.name = values.get("name", row.name).strip()
    for field in WEBSOCKET_FIELDS:
        setattr(row, field, values.get(field, getattr(row, field)))
    if row.destination:
        _change_destination(row.destination, {**values, "name": row.name})
    row.modified_at = now
    row.save()
    changed(workspace_id)
    return row


def _field_error(row: Endpoint, field: str, value: Any) -> dict[str, str]:
    if field in WEBHOOK_FIELDS:
        return {field: "Only a webhook has this."} if row.is_websocket else {}
    if field not in WEBSOCKET_FIELDS:
        return {field: "This cannot be changed."}
    if not row.is_websocket:
        return {field: "Only a websocket has this."}
    return _choice_error(field, value, WEBSOCKET_FIELDS[field])


def _change_destination(destination: Destination, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(destination, field, value)
    try:
        destination.full_clean()
    except ValidationError as error:
        raise Refused(_sentences(error)) from None
    destination.save()


def _sentences(error: ValidationError) -> dict[str, str]:
    return {field: " ".join(said) for field, said in error.message_dict.items()}


@transaction.atomic
def renew_access(workspace_id: int, pk: UUID | str, *, now: datetime) -> Endpoint:
    """Give a websocket endpoint a new key; the old one opens nothing from now on. :raises Missing:"""
    row = endpoint_of(workspace_id, pk, lock=True)
    row.access, row.modified_at = random_token(24), now
    row.save()
    changed(workspace_id)
    return row


@transaction.atomic
def delete_endpoints(workspace_id: int, pks: Collection[UUID | str], *, by: str, now: datetime) -> int:
    """Delete endpoints: sockets close, queued deliveries go, filters stay. :raises Missing: for any unknown id"""
    ids = _ids(pks)
    rows = list(Endpoint.objects.of(workspace_id).filter(pk__in=ids).select_for_update().order_by("pk"))
    if len(rows) != len(ids):
        raise Missing("endpoint")
    for row in rows:
        _delete_endpoint(row, by=by, now=now)
    changed(workspace_id, deleted=[str(pk) for pk in ids])
    return len(ids)


@transaction.atomic
def delete_endpoint(row: Endpoint, *, by: str, now: datetime) -> None:
    """Delete an endpoint as it was read."""
    pk = row.pk
    _delete_endpoint(row, by=by, now=now)
    changed(row.workspace_id, deleted=[str(pk)])


def _delete_endpoint(row: Endpoint, *, by: str, now: datetime) -> None:
    row.delete()
    if row.destination:
        destinations.retire(row.destination, by=by, now=now)


def endpoint_of(workspace_id: int, pk: UUID | str, *, lock: bool = False) -> Endpoint:
    """:raises Missing: if there is none in the workspace"""
    rows = Endpoint.objects.of(workspace_id).filter(pk__in=_ids([pk]))
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise Missing("endpoint")
    return row


def opens(endpoint: Endpoint, key: str) -> bool:
    """Say whether this key, presented beside the id, opens a websocket endpoint; of an open one any does."""
    return endpoint.auth == WebsocketAuth.OPEN or bool(endpoint.access and matches_any(key, [endpoint.access]))


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
    _refuse(name_error(name or "", required=False))
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
        _refuse(name_error(name, required=False))
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
    ids = _ids(pks)
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
    rows = EventFilter.objects.filter(workspace_id=workspace_id, pk__in=_ids([pk]))
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
        ids = _ids(pks)
    except Missing:
        raise Refused({"endpointIds": "One of them is not an id."}) from None
    found = list(Endpoint.objects.of(workspace_id).filter(pk__in=ids))
    if missing := ids - {row.pk for row in found}:
        named = ", ".join(sorted(map(str, missing))[:5])
        raise Refused({"endpointIds": f"There is no such endpoint in this workspace: {named}."})
    return found


def _ids(pks: Iterable[UUID | str]) -> set[UUID]:
    """:raises Missing: for what is not an id at all"""
    try:
        return {pk if isinstance(pk, UUID) else UUID(pk) for pk in pks}
    except (ValueError, AttributeError, TypeError):
        raise Missing("not an id") from None


def _made(row: Endpoint, *, now: datetime) -> Endpoint:
    row.created_at = row.modified_at = now
    row.save(force_insert=True)
    changed(row.workspace_id)
    return row


def name_error(name: str, *, required: bool = True) -> dict[str, str]:
    """Return what is wrong with the name of an endpoint, or of a filter, which may have none; by its argument."""
    if required and not name.strip():
        return {"name": "A name is needed."}
    if len(name) > LONGEST_NAME or _CONTROL.search(name):
        return {"name": f"A name is one line of at most {LONGEST_NAME} characters."}
    return {}


def _choice_error(field: str, value: Any, kind: Any) -> dict[str, str]:
    return {} if value in kind.values else {field: f"It can be {', '.join(kind.values)}."}


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise Refused(errors)
