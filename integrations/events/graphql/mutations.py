"""The eight mutations: each one call of a service."""

from collections.abc import Mapping
from typing import Any

from integrations.events.conditions import MOST
from integrations.events.graphql import errors, shapes
from integrations.events.graphql.calling import Args, Call
from integrations.events.graphql.shapes import Shape
from integrations.events.services import filtering, subscribing

DONE: Shape = {"ok": True}


def create_websocket_endpoint(call: Call, args: Args) -> Shape:
    return shapes.endpoint(subscribing.create_websocket(call.workspace_id, name=args["name"], now=call.now))


def create_webhook_endpoint(call: Call, args: Args) -> Shape:
    values = {"name": args["name"], "url": args["url"], "method": args.get("method") or ""}
    return shapes.endpoint(subscribing.create_webhook(call.workspace_id, now=call.now, **values))


def update_endpoint(call: Call, args: Args) -> Shape:
    """null leaves a value as it is, like leaving it out."""
    values = {name: args[name] for name in ("name", "url", "method") if args.get(name) is not None}
    return shapes.endpoint(subscribing.update_endpoint(call.workspace_id, args["id"], now=call.now, **values))


def delete_endpoint(call: Call, args: Args) -> Shape:
    subscribing.delete_endpoints(call.workspace_id, [args["id"]], by=call.caller, now=call.now)
    return DONE


def delete_endpoints(call: Call, args: Args) -> Shape:
    subscribing.delete_endpoints(call.workspace_id, _few(args, "ids"), by=call.caller, now=call.now)
    return DONE


def create_event_filters(call: Call, args: Args) -> Shape:
    given, name, linked = args["eventFiltersInput"]["in"], args.get("name"), _few(args, "endpointIds")
    saved = filtering.create_filter(call.workspace_id, given=given, name=name, endpoint_ids=linked, now=call.now)
    return _saved(call, saved)


def update_event_filters(call: Call, args: Args) -> Shape:
    """Conditions are replaced as a whole, save for what this API cannot name: that stays."""
    given: Mapping[str, Any] | None = None
    if args.get("eventFiltersInput") is not None:
        row = filtering.filter_of(call.workspace_id, args["id"], lock=True)
        given = {**args["eventFiltersInput"]["in"], "workOrder": row.work_order}
    linked = None if args.get("endpointIds") is None else _few(args, "endpointIds")
    saved = filtering.update_filter(
        call.workspace_id, args["id"], given=given, name=args.get("name"), endpoint_ids=linked, now=call.now
    )
    return _saved(call, saved)


def delete_event_filters(call: Call, args: Args) -> Shape:
    call.warnings.extend(filtering.delete_filters(call.workspace_id, _few(args, "ids")))
    return DONE


def _saved(call: Call, saved: filtering.Saved) -> Shape:
    call.warnings.extend(saved.warnings)
    return shapes.event_filter(saved.filter)


def _few(args: Args, name: str) -> list[str]:
    ids = args.get(name) or []
    if len(ids) > MOST:
        raise errors.bad(name, f"At most {MOST} ids can be listed.")
    return list(ids)
