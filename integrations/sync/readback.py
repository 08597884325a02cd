"""Reading back: is what was meant really there?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from integrations.connections import times
from integrations.connections.client import ConnectionClient
from integrations.core.errors import NotFound, PermanentError
from integrations.sync.exchange import send_for
from integrations.sync.expressions import ExpressionError, evaluate
from integrations.sync.lookup import id_of
from integrations.sync.mappings import at, is_empty
from integrations.sync.messages import Message
from integrations.sync.models import Operation, OperationKind, Protocol
from integrations.sync.rendering import headers_of, query_of
from integrations.sync.templates import TemplateError, fill_path, fill_tree


@dataclass(frozen=True)
class Seen:
    """What reading back showed. `known` False: it could not be read, `note` says why."""

    there: bool = False
    known: bool = True
    note: str = ""
    child_id: str = ""
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Meant:
    """What should be there: field values (dotted), and the text that marks our child among others."""

    fields: Mapping[str, Any]
    marker: str = ""


def read_back(client: ConnectionClient, operation: Operation, context: Mapping[str, Any], meant: Meant) -> Seen:
    """Read the record or its children and compare. :raises TransientError: if it cannot be asked just now"""
    try:
        answer = send_for(operation, client, _message(operation, context), effect=False)
        found = evaluate(operation.readback_expect or "body", answer.as_context())
    except NotFound as error:
        if operation.kind == OperationKind.UPDATE:
            return Seen(known=False, note=str(error))
        return Seen(note="It is not there.")
    except (PermanentError, TemplateError, ExpressionError) as error:
        return Seen(known=False, note=f"It could not be read back: {error}")
    if operation.kind == OperationKind.UPDATE:
        return _compared(found[0] if isinstance(found, list) and found else found, meant)
    return _among(operation, [found] if isinstance(found, dict) else found or [], meant)


def _message(operation: Operation, context: Mapping[str, Any]) -> Message:
    graphql = operation.protocol == Protocol.GRAPHQL
    return Message(
        method="POST" if graphql else (operation.readback_method or "GET").upper(),
        path=fill_path(operation.readback_path or (operation.path if graphql else ""), context),
        query=query_of(operation.readback_query, context),
        headers=headers_of(operation, context, reading=True),
        body=fill_tree(operation.readback_body, context),
        document=operation.readback_document if graphql else "",
    )


def _compared(record: Any, meant: Meant) -> Seen:
    if not isinstance(record, dict):
        return Seen(known=False, note="What was read back is not a record; look at the read-back's expression.")
    if not meant.fields:
        return Seen(known=False, note="Nothing is mapped that could be compared with what was read back.")
    shown = {name: at(record, name) for name in meant.fields}
    different = [name for name, value in meant.fields.items() if not same(value, shown[name])]
    if not different:
        return Seen(there=True, shown=shown)
    told = "; ".join(
        f"{name} is {_short(shown[name])} instead of {_short(meant.fields[name])}" for name in different[:5]
    )
    return Seen(note=f"Read back differently: {told}.", shown=shown)


def _among(operation: Operation, children: Any, meant: Meant) -> Seen:
    ours = [child for child in children if isinstance(child, dict) and _is_ours(child, meant)]
    if not ours:
        return Seen(note="It is not there.")
    child_id = id_of(operation, ours[0])
    note = f"It is there {len(ours)} times; it should be once." if len(ours) > 1 else ""
    if operation.kind == OperationKind.CREATE and meant.fields:
        seen = _compared(ours[0], meant)
        return Seen(seen.there, seen.known, seen.note or note, child_id, seen.shown)
    return Seen(there=True, note=note, child_id=child_id, shown=ours[0])


def _is_ours(child: Any, meant: Meant) -> bool:
    if not meant.marker:
        return True
    if isinstance(child, dict | list):
        return any(_is_ours(each, meant) for each in (child.values() if isinstance(child, dict) else child))
    return meant.marker in str(child)


def same(wanted: Any, found: Any) -> bool:
    """Compare as people do: 12 and "12", the same instant in two spellings, null and an empty text are the same."""
    if wanted == found or (is_empty(wanted) and is_empty(found)):
        return True
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(same(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    if isinstance(wanted, str | int | float) and isinstance(found, str | int | float):
        return _same_text(str(wanted), str(found))
    return False


def _same_text(wanted: str, found: str) -> bool:
    if wanted.replace("\r\n", "\n").strip() == found.replace("\r\n", "\n").strip():
        return True
    try:
        return Decimal(wanted) == Decimal(found)
    except InvalidOperation:
        pass
    if "T" not in wanted or not wanted[:4].isdigit():
        return False
    try:
        return times.parse(wanted) == times.parse(found)
    except times.NotATime:
        return False


def _short(value: Any) -> str:
    text = "empty" if is_empty(value) else f"“{value}”"
    return text if len(text) <= 80 else f"{text[:78]}…”"
