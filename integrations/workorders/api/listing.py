"""Which work orders a token may see, narrowed and page by page."""

from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from rest_framework.pagination import CursorPagination

from integrations.connections.models import ApiToken
from integrations.workorders.models import ExternalId, WorkOrder

SAME_NAME = ("asset", "site", "status")


class OldestChangeFirst(CursorPagination):
    """An order that changes while someone pages through moves to the end, so that none is missed."""

    ordering = ("changed_at", "id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def visible(token: ApiToken) -> QuerySet[WorkOrder]:
    """Return the orders of the token's workspace, with what each is called; credentials are never loaded."""
    names = ExternalId.objects.select_related("system").only("external_id", "work_order_id", "system__slug")
    orders = WorkOrder.objects.filter(workspace=cast(int, token.workspace_id))
    return orders.prefetch_related(Prefetch("external_ids", queryset=names.order_by("pk")))


def narrowed(orders: QuerySet[WorkOrder], asked: dict[str, Any]) -> QuerySet[WorkOrder]:
    """Return the orders that meet every condition of a validated `WorkOrderQuery`."""
    conditions = Q(**{name: asked[name] for name in SAME_NAME if name in asked})
    if asked.get("closed") is not None:
        conditions &= Q(closed=asked["closed"])
    if since := asked.get("changed_since"):
        conditions &= Q(changed_at__gte=since)
    names = {"external_id": asked.get("external_id"), "system__slug": asked.get("system")}
    if named := {name: value for name, value in names.items() if value is not None}:
        conditions &= Q(pk__in=ExternalId.objects.filter(**named).values("work_order"))
    return orders.filter(conditions)
