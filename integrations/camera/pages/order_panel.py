"""The camera's box on the page of a work order: what was photographed for it, with the verdicts."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.camera.models import FieldOrder
from integrations.camera.pages import shown
from integrations.core.panels import Panel
from integrations.workorders.models import WorkOrder

MOST_ORDERS = 5
MOST_ITEMS = 20


@dataclass(frozen=True)
class ShownOrder:
    """`more`: expected photos that are on the order's own page only."""

    row: FieldOrder
    items: list[shown.ShownItem]
    more: int


def panel(row: WorkOrder) -> Panel | None:
    """Return the box; None for a work order that the camera has nothing of."""
    found = FieldOrder.objects.filter(subject=row.subject, deleted_at__isnull=True).select_related("site")
    orders = [_order(each) for each in found.order_by("-pk")[:MOST_ORDERS]]
    if not orders:
        return None
    return Panel(_("Camera"), template="camera/admin/order_panel.html", context={"orders": orders})


def _order(row: FieldOrder) -> ShownOrder:
    first = list(row.items.order_by("group__order", "pk").values_list("pk", flat=True)[:MOST_ITEMS])
    items = shown.items_of(row.items.filter(pk__in=first))
    return ShownOrder(row, items, more=max(0, row.items.count() - MOST_ITEMS))
