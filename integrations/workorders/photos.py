"""Photos: kept once, cleaned and joined to their order; shown only by signed links that expire."""

from integrations.events import services as events
from integrations.events.models import Reason
from integrations.workorders.models import Join, Photo, WorkOrder
from integrations.workorders.naming import records_of

STORED = "photo.stored"


def follow(join: Join, *, order: WorkOrder, reason: str = Reason.LIVE) -> int:
    """Move the photos of a source to the order that it was joined to, and publish them; return how many."""
    moved = Photo.objects.filter(source_type=join.source_type, source_id=join.source_id).exclude(work_order=order)
    photos = list(moved)
    for photo in photos:
        photo.work_order = order
        photo.save(update_fields=["work_order"])
        _publish(photo, reason=reason)
    return len(photos)


def _publish(photo: Photo, *, reason: str = Reason.LIVE) -> None:
    order = photo.work_order
    events.publish(
        workspace_id=photo.workspace_id,
        type=STORED,
        occurred_at=photo.taken_at or photo.created_at,
        payload={"records": records_of(order) if order else {}, "work_order": photo.work_order_id},
        source_type="photo",
        source_id=str(photo.pk),
        subject=order.subject if order else "",
        reason=reason,
    )
