"""The GraphQL interface: `/graphql`, the same rows under the same rules."""

import base64
import binascii
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, introspection_from_schema
from starlette.routing import Route

from tests.simulators.asking import Ask, Endpoint, Told
from tests.simulators.engine.execution import GraphQLRequest, execute
from tests.simulators.engine.resolving import Doc, Resolver, bind
from tests.simulators.record.guard import guarded
from tests.simulators.record.orders import CUSTOM_PREFIX, Refused
from tests.simulators.record.state import RecordState

GRAPHQL = "/graphql"
SNAKE = {
    "openedAt": "opened_at",
    "resolvedAt": "resolved_at",
    "updatedAt": "updated_at",
    "createdAt": "created_at",
    "contentType": "content_type",
    "externalId": "external_id",
}
ROW_FIELDS = ("id", "external_id", "created_at", "updated_at")


@dataclass(frozen=True)
class Caller:
    """The context of every resolver; `key` is the request's Idempotency-Key."""

    state: RecordState
    key: str

    @property
    def lock(self) -> AbstractContextManager[Any]:
        return self.state.orders.lock

    def typename(self, doc: Doc) -> str:
        raise GraphQLError("this schema has no abstract types")


def graphql_routes(state: RecordState) -> list[Route]:
    def answer(ask: Ask) -> Told:
        request = GraphQLRequest.parse(ask.body)
        return Told(200, execute(SCHEMA, Caller(state, ask.headers.get("idempotency-key", "")), request))

    def introspection(ask: Ask) -> Told:
        return Told(200, {"data": introspection_from_schema(SCHEMA)})

    table = (("POST", answer), ("GET", introspection))
    return [Route(GRAPHQL, Endpoint(guarded(state, handler)), methods=[method]) for method, handler in table]


def _order(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc | None:
    try:
        return caller.state.orders.get(args["number"])
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise GraphQLError(refusal.message, extensions={"code": refusal.code}) from refusal


def _orders(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    orders = caller.state.orders
    number = args.get("number")
    rows = orders.with_number(number) if number else orders.changed_since(args.get("updatedSince") or "")
    first, end = args["offset"], args["offset"] + args["limit"]
    return {"nodes": rows[first:end], "totalCount": len(rows), "nextOffset": end if end < len(rows) else None}


def _custom_fields(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    return {name: value for name, value in doc.items() if name.startswith(CUSTOM_PREFIX)}


def _custom_field(doc: Doc, args: dict[str, Any], caller: Caller) -> Any:
    return doc.get(args["name"]) if args["name"].startswith(CUSTOM_PREFIX) else None


def _children(kind: str) -> Resolver:
    def resolve(doc: Doc, args: dict[str, Any], caller: Caller) -> list[Doc]:
        rows = caller.state.orders.children[doc["id"]][kind]
        wanted = args.get("externalId")
        return [row for row in rows if wanted in (None, row.get("external_id"))]

    return resolve


def _session_data(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    return {name: value for name, value in doc.items() if name not in ROW_FIELDS}


def _snake(name: str) -> Resolver:
    return lambda doc, args, caller: doc.get(name)


def _payload(name: str) -> Callable[[Resolver], Resolver]:
    """A mutation that answers refusals inside its payload, as `errors`."""

    def wrap(resolver: Resolver) -> Resolver:
        def resolve(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
            try:
                row = resolver(doc, args, caller)
            except Refused as refusal:
                fields = refusal.details.get("fields", [None])
                errors = [{"field": each, "code": refusal.code, "message": refusal.message} for each in fields]
                return {name: None, "errors": errors}
            return {"id": row["id"], name: row, "errors": []}

        return resolve

    return wrap


@_payload("order")
def _update_order(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    fields = {SNAKE.get(name, name): value for name, value in args["fields"].items()}
    fields |= fields.pop("customFields", None) or {}
    return caller.state.orders.update(args["number"], fields, key=caller.key)


@_payload("note")
def _add_note(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    reference = args.get("number") or args["caseId"]
    external_id = args.get("externalId") or args.get("externalRef")
    content = {"body": args["body"], **({"external_id": external_id} if external_id else {})}
    return caller.state.orders.add_child(reference, "notes", content, key=caller.key)


@_payload("attachment")
def _attach_file(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    try:
        data = base64.b64decode(args["base64"], validate=True)
    except binascii.Error as error:
        raise Refused(422, "bad_base64", str(error), fields=["base64"]) from error
    content = {"name": args["name"], "content_type": args["contentType"], "external_id": args.get("externalId")}
    return caller.state.orders.add_child(args["number"], "attachments", content, key=caller.key, data=data)


@_payload("session")
def _put_session(doc: Doc, args: dict[str, Any], caller: Caller) -> Doc:
    orders = caller.state.orders
    row, _ = orders.put_child(args["number"], "sessions", args["externalId"], args["data"], key=caller.key)
    return row


SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text())
bind(
    SCHEMA,
    {
        "Query.order": _order,
        "Query.orders": _orders,
        "Order.customFields": _custom_fields,
        "Order.customField": _custom_field,
        "Session.data": _session_data,
        "Mutation.updateOrder": _update_order,
        "Mutation.addNote": _add_note,
        "Mutation.addCaseNote": _add_note,
        "Mutation.attachFile": _attach_file,
        "Mutation.putSession": _put_session,
        **{f"Order.{kind}": _children(kind) for kind in ("notes", "attachments", "sessions")},
        **{
            f"{kind}.{name}": _snake(snake)
            for kind in ("Order", "Note", "Attachment", "Session")
            for name, snake in SNAKE.items()
        },
    },
)
