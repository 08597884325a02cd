from collections.abc import Iterator

from django.urls import reverse

from integrations.core.registries import Entry
from integrations.workorders.models import Join, JoinedBy, Photo, WorkOrder

LONGEST = 200


def entries(subject: str) -> Iterator[Entry]:
    """Yield what the centre knows of `workorder/<pk>`: when it became known, what was joined to it, its photos."""
    kind, _, pk = subject.partition("/")
    if kind != "workorder" or not pk.isdecimal():
        return
    order_id = int(pk)
    for order in WorkOrder.objects.filter(pk=order_id):
        yield Entry(at=order.created_at, kind="work order", title="became known", note=_told(order))
    for join in Join.objects.filter(work_order=order_id).order_by("-occurred_at")[:LONGEST]:
        yield Entry(at=join.joined_at or join.occurred_at, kind="join", title=f"{join} joined", note=_how(join))
    for photo in Photo.objects.filter(work_order=order_id).order_by("-created_at")[:LONGEST]:
        url = reverse("admin:workorders_photo_change", args=[photo.pk])
        yield Entry(at=photo.created_at, kind="photo", title=f"photo kept: {photo}", url=url)


def _told(order: WorkOrder) -> str:
    return "By its key only: no system of record has told of it yet." if order.stub else ""


def _how(join: Join) -> str:
    if join.joined_by == JoinedBy.OPERATOR:
        return f"Assigned by {join.decided_by}."
    return f"By its key: {join.key_name} = {join.key_read}."
