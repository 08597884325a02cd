"""A contact that is new, changed or gone, as an event in the transaction of the change: mappings answer it."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from integrations.connections.models import Connection
from integrations.core.remembered import remembered
from integrations.events import services as events
from integrations.events.models import Reason
from integrations.platforms.worklink.models import Contact
from integrations.platforms.worklink.options import SLUG, options_of

SOURCE_TYPE = "worklink.contact"
CHANGED, VANISHED = "contact.changed", "contact.vanished"
# What is no fact about the person.
_OWN = ("resource_id", "source", "gone_at", "database_id")


def changed(contact: Contact, names: Sequence[str], *, at: datetime, reason: str = Reason.LIVE) -> None:
    """Publish that a contact is new or changed."""
    _publish(contact, CHANGED, [name for name in names if name not in _OWN], at=at, reason=reason)


def vanished(contact: Contact, *, at: datetime) -> None:
    """Publish that a contact can be called no more."""
    _publish(contact, VANISHED, [], at=at, reason=Reason.LIVE)


def _publish(contact: Contact, type: str, names: Sequence[str], *, at: datetime, reason: str) -> None:
    workspace_id = cast(int, contact.connection.workspace_id)  # the stubs take a default for "may be null"
    payload = {"contact": contact.pk, "call_id": contact.call_id, "name": contact.name, "changed": sorted(names)}
    events.publish(
        workspace_id=workspace_id,
        type=type,
        occurred_at=at,
        payload=payload | {"records": {str(pk): contact.key for pk in _systems(contact.connection)}},
        source_type=SOURCE_TYPE,
        source_id=str(contact.pk),
        reason=reason,
    )


def _systems(connection: Connection) -> list[int]:
    """Return the systems of record that the connection's calls are written to: each keeps its own list of contacts."""
    options = options_of(connection)
    own = [entry.partition("=")[2].strip() for entry in options.call_link_keys]
    slugs = sorted({slug for slug in (options.system, *own) if slug})
    named = ("contact-systems", connection.workspace_id, *slugs)
    return remembered(named, lambda: _numbers(connection, slugs))


def _numbers(connection: Connection, slugs: Sequence[str]) -> list[int]:
    systems = Connection.objects.exclude(platform=SLUG).filter(workspace=connection.workspace_id, slug__in=slugs)
    return list(systems.order_by("pk").values_list("pk", flat=True))
