"""Finding the record in the system: one, none or several are outcomes of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.connections.client import ConnectionClient
from integrations.core.errors import NotFound, PermanentError
from integrations.sync.exchange import refusal, send_for
from integrations.sync.expressions import ExpressionError, evaluate, holds
from integrations.sync.mappings import nested
from integrations.sync.messages import Message, storable
from integrations.sync.models import Operation, Protocol
from integrations.sync.rendering import headers_of, query_of
from integrations.sync.templates import as_text, fill_path, fill_tree

SHOWN = 20
MULTIPLE_CHOICES = 300


@dataclass(frozen=True)
class Found:
    """The records that a look-up found. `record` is set if it is clear which one is meant."""

    records: tuple[dict[str, Any], ...]
    record: dict[str, Any] | None = None
    closed: bool = False


def message_of(lookup: Operation, context: Mapping[str, Any]) -> Message:
    """Return the request of a look-up. :raises TemplateError:"""
    graphql = lookup.protocol == Protocol.GRAPHQL
    return Message(
        method=(lookup.method or ("POST" if graphql else "GET")).upper(),
        path=fill_path(lookup.path, context),
        query=query_of(lookup.query, context),
        headers=headers_of(lookup, context),
        body=storable(fill_tree(lookup.body, context)),
        document=lookup.document if graphql else "",
    )


def look_up(client: ConnectionClient, lookup: Operation, context: Mapping[str, Any], *, choice: str = "") -> Found:
    """Ask for the record; `choice` is the id that an operator chose among several.

    :raises TemplateError: :raises ExpressionError: :raises TransientError: :raises PermanentError:
    """
    try:
        answer = send_for(lookup, client, message_of(lookup, context), effect=False)
        records = tuple(_records(lookup, answer.as_context()))
    except NotFound:
        return Found(())
    except PermanentError as error:
        if error.status != MULTIPLE_CHOICES:
            raise
        records = tuple(_choices(lookup, refusal(error).body))
    chosen = [record for record in records if choice and id_of(lookup, record) == choice]
    if len(records) != 1 and len(chosen) != 1:
        return Found(records)
    record = (chosen or list(records))[0]
    return Found(records, record, closed=bool(lookup.closed) and holds(lookup.closed, record))


def _records(lookup: Operation, answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = evaluate(lookup.records, answer) if lookup.records else answer["body"]
    if isinstance(found, dict):
        found = [found]
    return [storable(record) for record in found or [] if isinstance(record, dict)]


def _choices(lookup: Operation, body: Any) -> list[dict[str, Any]]:
    """Read the list of a 300 (RFC 9110, 15.4.1): records, or their addresses, which end with the id."""
    found = (
        body if isinstance(body, list) else _records(lookup, {"body": body, "status": MULTIPLE_CHOICES, "headers": {}})
    )
    return [_record_at(lookup, each) if isinstance(each, str) else storable(each) for each in found]


def _record_at(lookup: Operation, address: str) -> dict[str, Any]:
    return nested({lookup.record_id or "id": address.rstrip("/").rpartition("/")[2]}) | {"address": address}


def id_of(operation: Operation, record: Mapping[str, Any]) -> str:
    """Return the id of a found record or child as text; empty if it has none."""
    try:
        return as_text(evaluate(operation.record_id or "id", record))[:200]
    except ExpressionError:
        return ""


def candidates(lookup: Operation, found: Found) -> list[dict[str, Any]]:
    """Return what an operator chooses from: `{"id", "record"}`, the first ones."""
    return [{"id": id_of(lookup, record), "record": record} for record in found.records[:SHOWN]]
