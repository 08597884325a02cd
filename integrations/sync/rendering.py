"""From an operation and a context to the request that leaves and the content that it stands for. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sync.mappings import nested
from integrations.sync.messages import Message, storable
from integrations.sync.models import Operation, OperationKind
from integrations.sync.plans import Plan
from integrations.sync.templates import NOTHING, as_text, fill, fill_path, fill_tree

# What differs between two tries of the same content, or is known only after the look-up.
NEUTRAL = frozenset({"record", "key", "marker", "child"})
_METHODS = {OperationKind.UPDATE: "PATCH", OperationKind.LOOKUP: "GET"}


@dataclass(frozen=True)
class Content:
    """What is to be there afterwards, by dotted field, and a print of it that is the same for the same facts."""

    fields: dict[str, Any]
    hash: str


def content_of(plan: Plan, context: Mapping[str, Any], fields: Mapping[str, Any]) -> Content:
    """Return what a write of these facts means; the key, the marker and the record's own values do not count.

    Nor does what is volatile, if `context` and `fields` are steady.

    :raises TemplateError:
    """
    operation = plan.operation
    known = {**context, "fields": nested(fields)}
    parts = [
        fill_path(operation.path, known, leave=NEUTRAL),
        fill_tree(operation.query, known, leave=NEUTRAL),
        _body(operation, known, leave=NEUTRAL),
        known.get("file"),
    ]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return Content(storable(dict(fields)), hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())


def message_of(plan: Plan, context: Mapping[str, Any], *, update: bool = False) -> Message:
    """Return the request; `update`: in the form that changes a child which exists. :raises TemplateError:"""
    operation = plan.operation
    method, path, document = operation.method, operation.path, operation.document
    if update:
        method = operation.update_method or method
        path = operation.update_path or path
        document = operation.update_document or document
    return Message(
        method=(method or _default_method(operation)).upper(),
        path=fill_path(path, context),
        query=query_of(operation.query, context),
        headers=headers_of(operation, context),
        body=storable(_body(operation, context)),
        document=document if plan.is_graphql else "",
        file_field=operation.file_field,
    )


def query_of(tree: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query's parameters; those that are null are left out. :raises TemplateError:"""
    filled = {name: fill_tree(value, context) for name, value in tree.items()}
    return {name: storable(_plain(value)) for name, value in filled.items() if value is not None}


def headers_of(operation: Operation, context: Mapping[str, Any], *, reading: bool = False) -> dict[str, str]:
    """Return the operation's own headers; `reading`: those of its read-back. :raises TemplateError:"""
    wanted = operation.headers | (operation.readback_headers if reading else {})
    headers = {name: as_text(fill(str(value), context)) for name, value in wanted.items()}
    return {name: value for name, value in headers.items() if value}


def _plain(value: Any) -> Any:
    return [as_text(each) for each in value] if isinstance(value, list) else as_text(value)


def _default_method(operation: Operation) -> str:
    if operation.protocol == "GRAPHQL":
        return "POST"
    return _METHODS.get(OperationKind(operation.kind), "POST")


def _body(operation: Operation, context: Mapping[str, Any], *, leave: frozenset[str] = NOTHING) -> Any:
    if operation.body is not None:
        return fill_tree(operation.body, context, leave=leave)
    if operation.kind in (OperationKind.UPDATE, OperationKind.CREATE):
        return context["fields"]
    return None
