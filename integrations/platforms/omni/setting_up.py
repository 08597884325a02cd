"""Our endpoint and our filter at the platform, made once and kept as they should be (sheet, 7.5). Safe to repeat."""

from collections.abc import Iterable
from typing import TypeVar

from integrations.core.errors import PermanentError
from integrations.platforms.omni.client import OmniClient, RemoteEndpoint, RemoteFilter
from integrations.platforms.omni.models import Subscription
from integrations.platforms.omni.options import Conditions, is_ours, name_of

WEB_SOCKET, WEB_HOOK = "WEB_SOCKET", "WEB_HOOK"
REDUCED = "The platform has no event filters (older than 1.18): all events come, and the unwanted are left out here."
NOT_CHANGED = "Its filter there cannot be changed through this API; what is not wanted is left out here. {}"
BY_HAND = "Delete “{}” there, and it is made anew."
Named = TypeVar("Named", RemoteEndpoint, RemoteFilter)


class Ambiguous(PermanentError):
    """Several things there have our name: only a person can say which is meant."""


def converge(row: Subscription, client: OmniClient, *, conditions: Conditions, hook_url: str = "") -> str:
    """Make what is missing, endpoint first, then its filter (sheet, 7.5: 5); return what there is to say.

    `hook_url`: where a webhook goes; "": a websocket. :raises Ambiguous: :raises PermanentError:
    """
    filters = client.filters() if client.able.has_filters else []
    endpoint = _endpoint(row, client, filters, hook_url=hook_url)
    _note(row, endpoint_id=endpoint.id, remote_workspace=endpoint.workspace or row.remote_workspace)
    if not client.able.has_filters:
        return REDUCED
    # Read anew: a new endpoint may have taken the place of one that filters named.
    return _filter(row, client, client.filters(), conditions=conditions, endpoint=endpoint)


def remove(row: Subscription, client: OmniClient) -> str:
    """Delete endpoint, then filter (the other way the endpoint would get everything); return what stayed.

    Only what has our prefix; the socket is closed by then. Deleting what is gone is done.
    """
    filters = client.filters() if client.able.has_filters else []
    endpoints = client.endpoints()
    known = _linked(filters) if endpoints is None else endpoints
    stayed = []
    for each in known:
        if each.id == row.endpoint_id and is_ours(row.connection, each.name) and not client.delete_endpoint(each.id):
            stayed.append(each.name)
    for one in filters:
        if one.id == row.filter_id and is_ours(row.connection, one.name) and not client.delete_filter(one.id):
            stayed.append(one.name)
    _note(row, endpoint_id="", filter_id="", told={})
    return f"Not deleted, since this API offers nothing to: {', '.join(stayed)}." if stayed else ""


def _endpoint(row: Subscription, client: OmniClient, filters: list[RemoteFilter], *, hook_url: str) -> RemoteEndpoint:
    name, type = name_of(row.connection), WEB_HOOK if hook_url else WEB_SOCKET
    listed = client.endpoints()
    found = _chosen(_linked(filters) if listed is None else listed, row, id=row.endpoint_id, what="endpoints")
    if found is None and listed is None and row.endpoint_id:
        # No list to look into: what we made is trusted to be there; connecting tells.
        return RemoteEndpoint(row.endpoint_id, name, type)
    if found and found.type != type:
        if not client.delete_endpoint(found.id):
            raise PermanentError(f"“{name}” there is a {found.type}; a {type} is wanted. {BY_HAND.format(name)}")
        found = None
    if found is None:
        return client.create_webhook(name, url=hook_url) if hook_url else client.create_websocket(name)
    if hook_url and found.url != hook_url and not client.update_webhook(found.id, url=hook_url):
        raise PermanentError(f"“{name}” there sends to {found.url} and not to {hook_url}. {BY_HAND.format(name)}")
    return found


def _filter(
    row: Subscription,
    client: OmniClient,
    filters: list[RemoteFilter],
    *,
    conditions: Conditions,
    endpoint: RemoteEndpoint,
) -> str:
    wanted, name = conditions.as_input(), name_of(row.connection)
    found = _chosen(filters, row, id=row.filter_id, what="filters")
    if found is None:
        created = client.create_filter(name, conditions=wanted, endpoints=[endpoint.id])
        _note(row, filter_id=created, told=wanted)
        return ""
    linked = [each.id for each in found.endpoints]
    if found.id == row.filter_id and row.told == wanted and endpoint.id in linked:
        return ""
    endpoints = list(dict.fromkeys([*linked, endpoint.id]))
    if client.update_filter(found.id, conditions=wanted, endpoints=endpoints):
        _note(row, filter_id=found.id, told=wanted)
        return ""
    _note(row, filter_id=found.id)
    return NOT_CHANGED.format(BY_HAND.format(name))


def _chosen(rows: Iterable[Named], row: Subscription, *, id: str, what: str) -> Named | None:
    """Return ours: by the id that we keep, else by its name; never what lacks our prefix. :raises Ambiguous:"""
    name, ours = name_of(row.connection), [each for each in rows if is_ours(row.connection, each.name)]
    if kept := [each for each in ours if each.id == id]:
        return kept[0]
    named = [each for each in ours if each.name == name]
    if len(named) > 1:
        ids = ", ".join(each.id for each in named[:5])
        raise Ambiguous(f"{len(named)} {what} there are called “{name}” ({ids}). Delete all but one; then it goes on.")
    return named[0] if named else None


def _linked(filters: Iterable[RemoteFilter]) -> list[RemoteEndpoint]:
    """Return the endpoints that filters name, each once."""
    return list({each.id: each for one in filters for each in one.endpoints}.values())


def _note(row: Subscription, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    Subscription.objects.filter(pk=row.pk).update(**values)
