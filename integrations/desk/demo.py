"""The demonstration: a simulated WorkLink CMS, a sample system of record, and what goes from one to the other."""

from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from integrations.connections.models import AuthKind, Connection, Environment
from integrations.inbox.models import WebhookSource
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.sync.models import FieldMapping, FieldType, KeyPlace, Operation, OperationKind

CMS, RECORD = "demo-worklink", "demo-record"
# The simulators' own, printed in docs/simulators.md: they protect invented data on loopback.
CMS_TOKEN, RECORD_TOKEN = "worklink-demo-all-groups", "record-demo-token"
Row = TypeVar("Row", Operation, FieldMapping, WorkOrderFeed)
ORDER = "/api/orders/{record.id}"
FEED = {
    "items": "items",
    "external_id": "number",
    "fields": {name: name for name in ("asset", "site", "status", "assignee", "priority", "opened_at", "closed")},
    "poll_path": "/api/orders?updated_since={since}&offset={cursor}",
    "poll_next": "next_offset",
    "poll_minutes": 1,
    "overlap_minutes": 2,
}
SESSION_FIELDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("session.outcome", "u_session_outcome", {}),
    ("session.scenario", "u_instruction", {}),
    ("session.users_text", "u_technician", {}),
    ("session.percent", "u_steps_percent", {"type": FieldType.INTEGER, "skip_if_empty": True}),
    ("session.minutes", "u_minutes", {"type": FieldType.INTEGER, "skip_if_empty": True}),
    ("session.ended_at", "u_session_ended_at", {"type": FieldType.TIME, "skip_if_empty": True}),
)


@transaction.atomic
def fill_in(*, worklink_url: str, record_url: str) -> str:
    """Make the demonstration's rows if they are not there, and point them to the simulators' addresses.

    What a newcomer changed stays as it is. Return the path of the address that receives the webhooks.
    """
    cms, record = _cms(worklink_url), _record(record_url)
    source, _ = WebhookSource.objects.get_or_create(
        connection=cms, name="Demonstration: simulated WorkLink", defaults={"verification": "ADDRESS"}
    )
    feed = WorkOrderFeed(connection=record, **FEED)
    if not WorkOrderFeed.objects.filter(connection=record).exists():
        _checked(feed)
    if not Operation.objects.filter(connection=record).exists():
        _operations(record)
    return f"/hooks/{source.token}/"


def _cms(url: str) -> Connection:
    return _connection(
        CMS,
        url,
        name="Demonstration: simulated WorkLink",
        platform="worklink",
        credentials={"token": CMS_TOKEN},
        auth_kind=AuthKind.PLATFORM,
        settings={"system": RECORD},
    )


def _record(url: str) -> Connection:
    """A second or two until an unsure send is looked into: this system applies at once."""
    return _connection(
        RECORD,
        url,
        name="Demonstration: sample system of record",
        platform="generic",
        credentials={"token": RECORD_TOKEN},
        auth_kind=AuthKind.BEARER,
        settings={"check_path": "/api/orders?limit=1"},
        settle_seconds=2.0,
        write_from=timezone.now() - timedelta(hours=1),
    )


def _connection(slug: str, url: str, **values: Any) -> Connection:
    limits = {"environment": Environment.SANDBOX, "rate_per_second": 20.0}
    connection, created = Connection.objects.get_or_create(slug=slug, defaults={"base_url": url} | limits | values)
    if not created and connection.base_url != url:
        Connection.objects.filter(pk=connection.pk).update(base_url=url)
    return connection


def _operations(record: Connection) -> None:
    lookup = _operation(
        record,
        "Find the order by its number",
        OperationKind.LOOKUP,
        path="/api/orders",
        query={"number": "{external_id}"},
        records="body.items",
        closed="closed",
    )
    of_session = {"lookup": lookup, "source_type": "worklink.session"}
    update = _operation(
        record,
        "Session on the order",
        OperationKind.UPDATE,
        path=ORDER,
        readback_path=ORDER,
        readback_expect="body",
        event_types=["session.joined", "session.updated"],
        **of_session,
    )
    for position, (field, target, values) in enumerate(SESSION_FIELDS):
        _checked(FieldMapping(operation=update, position=position, source=field, target=target, **values))
    _operation(
        record,
        "Answers as a note",
        OperationKind.NOTE,
        path=f"{ORDER}/notes",
        body={"body": "{session.scenario}, by {session.users_text}\n{session.answers_text}\n\n{marker}"},
        marker="fieldport:{key}",
        readback_path=f"{ORDER}/notes",
        readback_expect="body.items",
        event_types=["session.joined", "session.updated"],
        condition="session.final && session.answers",
        **of_session,
    )
    _operation(
        record,
        "Photo as an attachment",
        OperationKind.ATTACH,
        path=f"{ORDER}/attachments",
        body={"description": "{photo.label}", "external_id": "{key}"},
        file_field="file",
        key_place=KeyPlace.BODY,
        already_exists="status == `409`",
        readback_path=f"{ORDER}/attachments",
        readback_expect="body.items",
        event_types=["photo.stored"],
        source_type="photo",
        lookup=lookup,
    )


def _operation(record: Connection, name: str, kind: OperationKind, **values: Any) -> Operation:
    return _checked(Operation(connection=record, name=name, kind=kind, **values))


def _checked(row: Row) -> Row:
    """Save as the forms do, so that the demonstration shows nothing they would refuse."""
    row.full_clean()
    row.save()
    return row
