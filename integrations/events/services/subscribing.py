"""Endpoints: made, changed and deleted by the rules of the sheet (2, 9.1), all or nothing."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from integrations.core.ids import random_token
from integrations.core.signing import matches_any
from integrations.events.models import Endpoint, EndpointType, EventPolicy, WebsocketAuth, WebsocketErrors
from integrations.events.refusals import Missing, Refused
from integrations.events.services.changing import changed
from integrations.outbox.models import Destination
from integrations.outbox.services import destinations

LONGEST_NAME = 200
WEBSOCKET_FIELDS: dict[str, Any] = {"auth": WebsocketAuth, "ws_errors": WebsocketErrors}
WEBHOOK_FIELDS = frozenset(
    {"url", "method", "headers", "rate_per_second", "concurrency", "connect_seconds", "total_seconds", "enabled"}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@transaction.atomic
def create_websocket(
    workspace_id: int, *, name: str, now: datetime, auth: str = "", ws_errors: str = WebsocketErrors.HTTP
) -> Endpoint:
    """Make an endpoint that sockets connect with. `auth` is the workspace's choice if empty. :raises Refused:"""
    auth = auth or EventPolicy.of(workspace_id).websocket_auth
    errors = name_error(name)
    errors |= _choice_error("auth", auth, WebsocketAuth) | _choice_error("ws_errors", ws_errors, WebsocketErrors)
    refuse(errors)
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
    refuse(name_error(name))
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
    refuse(errors)
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
    ids = ids_of(pks)
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
    rows = Endpoint.objects.of(workspace_id).filter(pk__in=ids_of([pk]))
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise Missing("endpoint")
    return row


def opens(endpoint: Endpoint, key: str) -> bool:
    """Say whether this key, presented beside the id, opens a websocket endpoint; of an open one any does."""
    return endpoint.auth == WebsocketAuth.OPEN or bool(endpoint.access and matches_any(key, [endpoint.access]))


def ids_of(pks: Iterable[UUID | str]) -> set[UUID]:
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


def refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise Refused(errors)
