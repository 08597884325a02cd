"""`ctx.record("system")`: the configured operations of a system on the record of this run's work order."""

import json
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from integrations.connections.models import Connection
from integrations.scripts.hosting.asking import Asked, refused
from integrations.sync.models import Operation, OperationKind

if TYPE_CHECKING:
    from integrations.scripts.hosting.host import RunHost

KINDS = {
    "find": OperationKind.LOOKUP,
    "update": OperationKind.UPDATE,
    "note": OperationKind.NOTE,
    "attach": OperationKind.ATTACH,
    "create": OperationKind.CREATE,
}
SCRIPT_SOURCE = "script"


def record(host: "RunHost", asked: Asked) -> Any:
    """Do what a configured operation says, with what the script gives. :raises Refused: :raises Waiting:"""
    action = asked.text("action")
    if action not in KINDS:
        refused(f"ctx.record has find, update, note, attach and create, not “{action[:20]}”.")
    connection = host.connection(asked.text("system"))
    operation = _operation(host, connection, action, asked.text("operation"))
    given = _given(host, asked, action)
    title = f"{action} on {connection.slug}: {operation.name}"
    with host.calling("record", title, given, writes=action != "find") as call:
        if action == "find":
            call.details["lookup"] = operation.pk
            if host.recorded:
                return host.recorded.json(call)
            found = host.secrets.mask(host.writer.find(host, connection, operation, given))
            call.answered(None, json.dumps(found))
            return found
        performed = host.writer.perform(host, connection, operation, given, key=asked.text("key", most=200))
        call.write_id = performed.write_id
        if performed.record is not None:
            call.details |= {"lookup": operation.lookup_id, "record": host.secrets.mask(performed.record)}
        call.answered(None, performed.verdict)
    return {"writeId": performed.write_id, "verdict": performed.verdict, "id": performed.id}


def _operation(host: "RunHost", connection: Connection, action: str, name: str) -> Operation:
    """Return the operation that is meant: of the kind, for this source or for scripts, by name if there are several."""
    fitting = Operation.objects.filter(connection=connection, kind=KINDS[action], enabled=True)
    if action != "find":
        fitting = fitting.filter(Q(source_type=host.run.source_type) | Q(source_type=SCRIPT_SOURCE))
    rows = list(fitting.filter(name=name) if name else fitting)
    if len(rows) == 1:
        return rows[0]
    own = [row for row in rows if row.source_type == SCRIPT_SOURCE]
    if len(own) == 1:
        return own[0]
    if not rows:
        called = f" called “{name}”" if name else ""
        refused(f"{connection} has no mapping to {action}{called} for this kind of source.")
    named = ", ".join(f"“{row.name}”" for row in rows)
    return refused(f"{connection} has several mappings to {action}: {named}. Name one: {{operation: …}}.")


def _given(host: "RunHost", asked: Asked, action: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if fields := asked.mapping("fields"):
        given["fields"] = fields
    if text := asked.text("text", most=100_000):
        given["text"] = text
    if action == "attach":
        given["photo"] = photo_of(host, asked.number("photo"))
    if host.secrets.used_in(given):
        refused("Secrets are for headers and bodies of requests, not for what is written into records.")
    return given


def photo_of(host: "RunHost", index: float | None) -> int:
    """Return the number of the photo at this place in `ctx.photos`. :raises Refused:"""
    photos = host.given.get("photos") or []
    if index is None or int(index) != index or not 0 <= index < len(photos):
        refused(f"There is no photo {index}; ctx.photos has {len(photos)}.")
    return int(photos[int(index)]["id"])
