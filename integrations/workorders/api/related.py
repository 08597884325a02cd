"""Where the API lists what belongs to a work order. Upper floors name their lists in `AppConfig.ready()`."""

from functools import cache

from django.conf import settings
from django.urls import reverse

from integrations.workorders.models import WorkOrder

_lists: dict[str, str] = {}


def register(**lists: str) -> None:
    """Add lists that take the condition `work_order`, each by the name of its address: `items="camera:items"`."""
    _lists.update(lists)


def links(order: WorkOrder) -> dict[str, str]:
    """Return the absolute address of each list, narrowed to this order."""
    base = str(settings.PUBLIC_URL)
    return {name: f"{base}{_path(address)}?work_order={order.pk}" for name, address in sorted(_lists.items())}


@cache
def _path(address: str) -> str:
    return reverse(address)
