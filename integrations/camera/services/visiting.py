"""What a visit's cookie opens: its own order, and nothing else."""

from datetime import datetime, timedelta
from uuid import UUID

from integrations.camera.models import FieldOrder, Input, Scenario, Upload, Visit, WorkItem
from integrations.camera.services import orders, tokens
from integrations.camera.services.arriving import hash_of
from integrations.camera.services.refusals import NotHere, NoVisit, VisitOver
from integrations.core.signing import equal

SEEN_EVERY = timedelta(seconds=30)


def open_visit(uuid: UUID, secret: str, *, now: datetime) -> Visit:
    """Return the visit that the secret of a cookie belongs to, with its order.

    A token that expires during a visit does not end it (vendor sheet, 5.5); one that is revoked does.

    :raises NoVisit: :raises VisitOver:
    """
    rows = Visit.objects.select_related(
        "user", "token__user", "token__site__connection", "order__version", "item__group"
    )
    visit = rows.filter(uuid=uuid).first()
    if not equal(hash_of(secret), visit.secret_hash if visit else "") or visit is None:
        raise NoVisit
    left_us = visit.user is not None and not visit.user.is_active
    if visit.expires_at <= now or tokens.is_revoked(visit.token) or left_us:
        raise VisitOver
    if visit.order is None or visit.order.deleted_at is not None:
        raise NotHere
    visit.order.site = visit.token.site
    if now - visit.seen_at > SEEN_EVERY:
        Visit.objects.filter(pk=visit.pk).update(seen_at=now)
    return visit


def order_of(visit: Visit) -> FieldOrder:
    """Return the order that an open visit has."""
    if visit.order is None:
        raise NotHere
    return visit.order


def find_item(visit: Visit, uuid: UUID) -> WorkItem:
    """:raises NotHere: also for items of other orders"""
    found = WorkItem.objects.filter(order=visit.order_id, uuid=uuid).select_related("group").first()
    if found is None:
        raise NotHere
    found.order = order_of(visit)
    return found


def find_input(visit: Visit, uuid: UUID) -> Input:
    """:raises NotHere: also for inputs of other orders"""
    found = Input.objects.filter(item__order=visit.order_id, uuid=uuid).select_related("item__group").first()
    if found is None:
        raise NotHere
    found.item.order = order_of(visit)
    return found


def add_item(visit: Visit, group_name: str, *, now: datetime) -> WorkItem:
    """Expect one more photo, from the work order's page. :raises ReadOnly: :raises UnknownTaskGroup: and its kin"""
    if visit.scenario != Scenario.ORDER:
        raise NotHere
    order = order_of(visit)
    orders.check_open(order)
    return orders.add_item(order, orders.find_group(order, group_name), now=now)


def is_uploading(item: WorkItem, visit: Visit) -> bool:
    """Say whether a photo of this visit is on its way."""
    done = Input.objects.filter(item=item).values("client_key")
    return Upload.objects.filter(item=item, changed_at__gte=visit.arrived_at).exclude(key__in=done).exists()
