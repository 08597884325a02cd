"""Where a visit leads: the order, the item and the photo that its address asks for, found or made."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from integrations.camera.models import ConnectorToken, FieldOrder, Input, WorkItem
from integrations.camera.protocol import pages
from integrations.camera.protocol.metadata import read_declarations, read_metadata
from integrations.camera.protocol.pages import Arrival
from integrations.camera.protocol.query import Parameters
from integrations.camera.services import orders, signing_in
from integrations.camera.services.refusals import NotHere


@dataclass(frozen=True)
class Place:
    """Where a visit leads."""

    order: FieldOrder
    item: WorkItem | None = None
    input: Input | None = None
    technician: str = ""


def place_of(
    token: ConnectorToken, parameters: Parameters, arrival: Arrival, *, user: User | None, now: datetime
) -> Place:
    """Find or make what the address asks for. :raises ArrivalRefused: :raises NotHere:"""
    if token.sign_in:
        return _of_user(token, arrival, user)
    if arrival.item_id is not None:
        return _of_item(token, WorkItem.objects.filter(uuid=arrival.item_id))
    if arrival.input_id is not None:
        found = Input.objects.filter(uuid=arrival.input_id).first()
        place = _of_item(token, WorkItem.objects.filter(pk=found.item_id if found else 0))
        return replace(place, input=found)
    known = arrival.order_id
    order = orders.find_order(token.site, known) if known else _new_order(token, arrival, now=now)
    place = Place(order, technician=_technician(token, order))
    if arrival.scenario is pages.Scenario.ORDER:
        return place
    orders.check_open(order)
    group = orders.find_group(order, arrival.task_group_name)
    return replace(place, item=orders.add_item(order, group, now=now))


def _of_user(token: ConnectorToken, arrival: Arrival, user: User | None) -> Place:
    """Who signs in opens the page of an order that is there, and nothing else."""
    if arrival.scenario is not pages.Scenario.ORDER or arrival.order_id is None or user is None:
        raise NotHere
    order = orders.find_order(token.site, arrival.order_id)
    signing_in.check(order, user)
    return Place(order, technician=(user.get_full_name() or user.get_username())[:200])


def _of_item(token: ConnectorToken, items: Any) -> Place:
    item = items.filter(order__site=token.site_id, order__deleted_at__isnull=True).first()
    if item is None:
        raise NotHere
    order = orders.find_order(token.site, item.order.uuid)
    return Place(order, item, technician=_technician(token, order))


def _new_order(token: ConnectorToken, arrival: Arrival, *, now: datetime) -> FieldOrder:
    site = token.site
    declared = read_declarations(site.metadata_schema)
    metadata = read_metadata(arrival.wo_metadata, declared=declared, require=site.require_metadata)
    return orders.create_order(
        site,
        name=arrival.work_order_name,
        link=orders.link_of(token, name=arrival.work_order_name, metadata=metadata),
        now=now,
        metadata=metadata,
        type_names=arrival.type_names,
        token=token,
    )


def _technician(token: ConnectorToken, order: FieldOrder) -> str:
    """Return who is said to hold the phone; nobody has verified it."""
    value = order.metadata.get(token.technician_metadata_key) if token.technician_metadata_key else None
    return str(value)[:200] if isinstance(value, str | int) and not isinstance(value, bool) else ""
