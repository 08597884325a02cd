"""A system of record, and what is written into it from sessions and calls."""

from typing import Any

from integrations.connections.models import AuthKind, Connection
from integrations.sync.models import FieldMapping, Operation, OperationKind
from tests.simulators.record.auth import BEARER_TOKEN

SESSION_FIELDS = {
    "session.outcome": "status",
    "session.percent": "u_percent",
    "session.steps_viewed": "u_steps",
    "session.minutes": "u_minutes",
    "session.id": "u_session",
    "session.users_text": "u_users",
}
CALL_FIELDS = {"call.minutes": "u_call_minutes", "call.people_text": "u_call_people", "call.id": "u_call"}


def connect(connection: Connection, url: str) -> None:
    """Let the system of record of the tests be a real one."""
    connection.base_url, connection.auth_kind = url, AuthKind.BEARER
    connection.credentials = {"token": BEARER_TOKEN}
    connection.rate_per_second = 500.0
    connection.save()


def update(connection: Connection, source_type: str, fields: dict[str, str], **values: Any) -> Operation:
    """An update of an order's fields, found by its number and read back."""
    lookup, _ = Operation.objects.get_or_create(
        connection=connection,
        name="find",
        defaults={
            "kind": OperationKind.LOOKUP,
            "path": "/api/orders",
            "query": {"number": "{external_id}"},
            "records": "body.items",
            "closed": "closed",
        },
    )
    operation = Operation(
        connection=connection,
        name=f"update from {source_type}",
        kind=OperationKind.UPDATE,
        lookup=lookup,
        source_type=source_type,
        path="/api/orders/{record.id}",
        readback_path="/api/orders/{record.id}",
        readback_expect="body",
        **values,
    )
    operation.full_clean()
    operation.save()
    for source, target in fields.items():
        mapping = FieldMapping(operation=operation, source=source, target=target)
        mapping.full_clean()
        mapping.save()
    return operation
