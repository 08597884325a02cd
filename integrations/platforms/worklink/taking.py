"""From a reading to its effects: stored, joined to its work order, published; one transaction."""

from dataclasses import replace
from typing import Any, cast

from django.db import transaction

from integrations.connections.models import Connection
from integrations.core import clock
from integrations.core.platforms import Fetch, Fetched
from integrations.core.remembered import remembered
from integrations.core.statements import update
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.inbox import services as inbox
from integrations.platforms.worklink import photos, probing, storing
from integrations.platforms.worklink.client import Reading
from integrations.platforms.worklink.keys import LinkKey, link_key_of
from integrations.platforms.worklink.kinds import Kind, Row
from integrations.platforms.worklink.links.checking import Checked, began_after_close, check
from integrations.platforms.worklink.options import SLUG, Options, options_of
from integrations.workorders import services as workorders
from integrations.workorders.models import WorkOrder
from integrations.workorders.services import Joined

UNCHANGED = "Nothing new since the last reading."


@transaction.atomic
def take(kind: Kind[Row], *, connection: Connection, order: Fetch, reading: Reading) -> Fetched:
    """Store what was read and let it have its effects, once per change of its content."""
    options = options_of(connection)
    kept, checked = _kept(kind, connection, order=order, reading=reading)
    row = kept.row
    row.connection = connection
    if reason := kind.unwanted(row):
        return Fetched(note=reason, skipped=True)
    if kept.refused:
        return Fetched(note=kept.refused, subject=row.subject)
    photos.want(kind, row, kind.pictures(reading.document))
    if row.subject and not (kept.changed or order.replay):
        inbox.set_subject_of_received(connection.pk, order.resource_type, order.resource_id, row.subject)
        return Fetched(note=UNCHANGED, subject=row.subject)
    refused = checked.reason if options.issued_links_only else ""
    note = _let_follow(kind, row, order=order, options=options, refused=refused)
    return Fetched(note=f"{note} Incomplete: {reading.gaps}".strip() if reading.gaps else note, subject=row.subject)


def _kept(
    kind: Kind[Row], connection: Connection, *, order: Fetch, reading: Reading
) -> tuple[storing.Kept[Row], Checked]:
    document = reading.document
    columns = kind.columns(document, options_of(connection), connection.probe.get(probing.UNIT))
    checked = check(connection, columns["external_data"])
    kept = storing.keep(
        kind.model,
        connection,
        str(document.get("id") or order.resource_id),
        reading=reading,
        columns=columns | checked.columns,
        read_at=order.started_at,
    )
    return kept, checked


def _let_follow(kind: Kind[Row], row: Row, *, order: Fetch, options: Options, refused: str) -> str:
    """Join a stored row and publish it; return a sentence where there is something to say."""
    key = link_key_of(row.external_data, kind.link_keys(options), options=options)
    if refused:
        key = replace(key, reason=refused)
    joined, first = _join(kind, row, connection=row.connection, key=key), not row.subject
    if joined.work_order is None:
        return " ".join(filter(None, (key.note, "Waits in Unmatched.", key.reason)))
    if row.subject != joined.subject:
        set_subject(kind, row, joined.subject)
    note_close(kind, row, joined.work_order)
    inbox.set_subject_of_received(row.connection_id, order.resource_type, order.resource_id, joined.subject)
    kind.noticed(row)
    _publish(kind, row, joined, first=first or joined.newly, replay=order.replay)
    return key.note


def _join(kind: Kind[Row], row: Row, *, connection: Connection, key: LinkKey) -> Joined:
    system, reason = _system(connection, key)
    return workorders.join(
        connection=connection,
        source_type=kind.source_type,
        source_id=str(row.pk),
        title=kind.title(row),
        key_name=key.name,
        key_read=key.value,
        system=system,
        occurred_at=kind.occurred_at(row),
        joined_event=kind.joined_event,
        reason=reason,
    )


def _system(connection: Connection, key: LinkKey) -> tuple[Connection | None, str]:
    """Return the system of record that a key belongs to, or why there is none."""
    if key.reason or not key.system:
        return None, key.reason
    workspace_id = connection.workspace_id
    system = remembered(("system", workspace_id, key.system), lambda: _system_called(key.system, workspace_id))
    return system, "" if system else f"There is no system of record “{key.system}”, which the key is said to belong to."


def _system_called(slug: str, workspace_id: int | None) -> Connection | None:
    systems = Connection.objects.exclude(platform=SLUG).filter(workspace=workspace_id)
    return systems.only("slug", "workspace_id").filter(slug=slug).first()


def _publish(kind: Kind[Row], row: Row, joined: Joined, *, first: bool, replay: bool) -> None:
    events.publish(
        workspace_id=cast(int, row.connection.workspace_id),  # the stubs take a default for "may be null"
        type=kind.joined_event if first else kind.updated_event,
        occurred_at=kind.occurred_at(row),
        payload=payload(kind, row, joined),
        source_type=kind.source_type,
        source_id=str(row.pk),
        subject=joined.subject,
        reason=Reason.REPLAY if replay else Reason.LIVE,
    )


def payload(kind: Kind[Row], row: Row, joined: Joined) -> dict[str, Any]:
    return {
        "records": joined.records,
        "work_order": joined.work_order.pk if joined.work_order else None,
        "generation": row.generation,
        "resource_id": row.resource_id,
        "state": row.vendor_state,
        "link_check": row.link_check,
        "after_close": row.after_close,
        **kind.told(row),
    }


def note_close(kind: Kind[Row], row: Row, order: WorkOrder | None) -> None:
    """Flag what began when its order was closed (E24). The flag stays: the order may be reopened for it."""
    if not row.after_close and began_after_close(order, began_at=row.started_at or row.read_at):
        update(kind.model, where={"id": row.pk}, values={"after_close": True})
        row.after_close = True


def set_subject(kind: Kind[Row], row: Row, subject: str) -> None:
    """Note what a row belongs to, on it and its photos."""
    update(kind.model, where={"id": row.pk}, values={"subject": subject, "stored_at": clock.now()})
    if kind.photo_count(row.document):
        photos.of(kind, row).update(subject=subject)
    row.subject = subject
