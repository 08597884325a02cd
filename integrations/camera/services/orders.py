"""Orders and their expected photos: made, found, joined to a work order of ours."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from integrations.camera.models import (
    ORDER_SOURCE,
    ApiKey,
    CatalogueVersion,
    ConnectorToken,
    FieldOrder,
    LinkBy,
    Site,
    TaskGroup,
    WorkItem,
)
from integrations.camera.protocol import verdicts
from integrations.camera.protocol.errors import TaskGroupNotApplicable, UnknownTaskGroup, UnknownType
from integrations.camera.services import facts, telling
from integrations.camera.services.refusals import NotHere, ReadOnly
from integrations.connections.models import Connection
from integrations.core.safe_json import storable
from integrations.workorders import services as workorders
from integrations.workorders.models import WorkOrder

JOINED = "camera.order.joined"
NO_LINK = "Its token names nothing that could be the key of a work order. Assign a work order."
DEFAULT_NAME = "The field app sent no work_order_name. Assign a work order."
NO_SYSTEM = "The connection of the site {site} does not say which system of record its orders belong to: set “{label}”."
SYSTEM_LABEL = "System of record"


@dataclass(frozen=True)
class Link:
    """What joins an order to one of ours: the key as read, and where it was read. `reason` says why there is none."""

    name: str = ""
    value: str = ""
    reason: str = ""


def link_of(token: ConnectorToken | ApiKey, *, name: str, metadata: Mapping[str, Any]) -> Link:
    """Read the key as the token, or the API key, says; `name`: as it was sent, "" if it was made up here."""
    if token.link_by == LinkBy.NAME:
        return Link("work_order_name", name, "" if name else DEFAULT_NAME)
    if token.link_by == LinkBy.METADATA:
        key = token.link_metadata_key
        value = metadata.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return Link(key, str(value))
        return Link(key, reason=f"Its wo_metadata has no “{key}”. Assign a work order.")
    return Link(reason=NO_LINK)


def current_version(site: Site) -> CatalogueVersion:
    """:raises UnknownTaskGroup: if no version of its catalogue was ever published"""
    if site.active_version is None:
        raise UnknownTaskGroup("No catalogue of this site is published yet, so there is no type of photo.")
    return site.active_version


@transaction.atomic
def create_order(
    site: Site,
    *,
    name: str,
    link: Link,
    now: datetime,
    metadata: Mapping[str, Any] | None = None,
    type_names: Sequence[str] = (),
    token: ConnectorToken | None = None,
    values: Mapping[str, Any] | None = None,
) -> FieldOrder:
    """Make an order with the catalogue as published now, and join it; `name`: "" for eight hex digits.

    :raises UnknownTaskGroup: without a published catalogue :raises UnknownType: naming one
    """
    version = current_version(site)
    facts.check_types(version, type_names)
    order = FieldOrder(
        site=site,
        version=version,
        name=str(storable(name)) or _free_name(site),
        metadata=dict(metadata or {}),
        type_names=list(type_names),
        token=token,
        created_at=now,
        changed_at=now,
    )
    for field, value in (values or {}).items():
        setattr(order, field, value)
    order.save(force_insert=True)
    join_order(order, link, now=now)
    return order


def _free_name(site: Site) -> str:
    """Eight hex digits, unique per site (vendor sheet, 5.10)."""
    while FieldOrder.objects.filter(site=site, name=(name := secrets.token_hex(4).upper())).exists():
        pass
    return name


def join_order(order: FieldOrder, link: Link, *, now: datetime) -> None:
    """Join an order to the work order that its key names; without a usable key it waits in Unmatched."""
    connection = order.site.connection
    system, missing = _system(connection, order.site)
    joined = workorders.join(
        connection=connection,
        source_type=ORDER_SOURCE,
        source_id=str(order.pk),
        title=f"Photos: {order.name}",
        key_name=link.name,
        key_read=link.value,
        system=system,
        occurred_at=now,
        joined_event=JOINED,
        reason=link.reason or missing,
    )
    if joined.subject and joined.subject != order.subject:
        set_subject(order, joined.subject)
        telling.tell_of_order(order, JOINED, records=joined.records, occurred_at=now)


def _system(connection: Connection, site: Site) -> tuple[Connection | None, str]:
    slug = str(connection.setting("system") or "")
    if not slug:
        return None, NO_SYSTEM.format(site=site, label=SYSTEM_LABEL)
    found = Connection.objects.filter(workspace=connection.workspace_id, slug=slug).exclude(pk=connection.pk).first()
    return found, "" if found else f"There is no system of record “{slug}”, which the site's connection names."


def set_subject(order: FieldOrder, subject: str) -> None:
    """Note what an order belongs to, on it and on its visits."""
    FieldOrder.objects.filter(pk=order.pk).update(subject=subject)
    order.visits.update(subject=subject)
    order.subject = subject


def lock(order_id: int) -> FieldOrder:
    """Return the order, locked until the end of the transaction: whoever changes what is below it begins here."""
    rows = FieldOrder.objects.select_related("site__connection", "version").select_for_update(of=("self",))
    return rows.get(pk=order_id)


def find_order(site: Site, uuid: UUID) -> FieldOrder:
    """:raises NotHere: also for orders of other sites, and deleted ones"""
    found = FieldOrder.objects.filter(site=site, uuid=uuid, deleted_at__isnull=True)
    if (order := found.select_related("version", "site__connection").first()) is None:
        raise NotHere
    return order


def is_read_only(order: FieldOrder) -> bool:
    """Say whether the order was reviewed, or is closed in its system of record (vendor sheet, 5.22)."""
    if order.reviewed_at is not None:
        return True
    pk = telling.work_order_of(order.subject)
    return pk is not None and WorkOrder.objects.filter(pk=pk, closed=True).exists()


def check_open(order: FieldOrder) -> None:
    """:raises ReadOnly:"""
    if is_read_only(order):
        raise ReadOnly


def find_group(order: FieldOrder, name: str) -> TaskGroup:
    """Return the type of photo in the version that the order began with.

    :raises UnknownTaskGroup: :raises TaskGroupNotApplicable: if the order's types leave out all of its tasks
    """
    group = TaskGroup.objects.filter(version=order.version_id, name=name).prefetch_related("tasks").first()
    if group is None:
        raise UnknownTaskGroup(f"There is no task group {name!r:.140} in this catalogue; upper and lower case count.")
    tasks = facts.task_facts(group)
    if tasks and not verdicts.applicable(tasks, type_names=order.type_names):
        types = ", ".join(order.type_names)
        raise TaskGroupNotApplicable(f"The task group {name!r:.140} does not apply to orders of the types {types}.")
    return group


def add_item(order: FieldOrder, group: TaskGroup, *, now: datetime) -> WorkItem:
    """Expect one more photo; each call makes a new item (vendor sheet, 2.3)."""
    return WorkItem.objects.create(order=order, group=group, created_at=now, changed_at=now)


__all__ = [
    "JOINED",
    "Link",
    "UnknownType",
    "add_item",
    "check_open",
    "create_order",
    "current_version",
    "find_group",
    "find_order",
    "is_read_only",
    "join_order",
    "link_of",
    "lock",
    "set_subject",
]
