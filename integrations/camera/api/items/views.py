"""Expected photos over HTTP, read only: what was submitted, and the verdicts."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_view

from integrations.camera.api.items.filters import ItemFilter
from integrations.camera.api.items.serializers import ItemAnswer, ItemRow
from integrations.camera.models import Input, WorkItem
from integrations.connections.api.views import ApiView, DetailView, ListView

SHOWN = ("uuid", "status", "score", "created_at", "changed_at")
OF_ORDER = tuple(f"order__{name}" for name in ("uuid", "name", "subject", "site__slug"))
WHOLE_ORDER = tuple(
    f"order__{name}"
    for name in ("metadata", "tags", "type_names", "progress_score", "created_at", "changed_at", "version__number")
)


class _Items(ApiView):
    scope = "items:read"
    tag = "Items"

    def rows(self, workspace_id: int) -> QuerySet[WorkItem]:
        sent = Input.objects.filter(item=OuterRef("pk")).order_by().values("item")
        counted = Coalesce(Subquery(sent.annotate(number=Count("pk")).values("number")), 0)
        rows = WorkItem.objects.filter(order__site__workspace=workspace_id, order__deleted_at=None)
        shown = rows.select_related("group", "order__site").only(*SHOWN, "group__name", *OF_ORDER)
        return shown.annotate(photos=counted)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_items",
        summary="List items",
        description="An item is one expected photo of one order; its status and score are those of its last analysis.",
    )
)
class ItemList(_Items, ListView):
    serializer_class = ItemRow
    filterset_class = ItemFilter
    orderings = ("-id", "id", "changed_at", "-changed_at")


@extend_schema_view(
    get=extend_schema(
        operation_id="get_item",
        summary="Read an item, with its order, its photos and what was said of each",
        description="Links lead to pictures without a token, for some weeks; ask again for new ones.",
    )
)
class ItemDetail(_Items, DetailView):
    serializer_class = ItemAnswer

    def rows(self, workspace_id: int) -> QuerySet[WorkItem]:
        rows = super().rows(workspace_id).select_related("order__version")
        whole = rows.only(*SHOWN, "group__name", "group__version", *OF_ORDER, *WHOLE_ORDER)
        return whole.prefetch_related("group__tasks", "inputs__analyses__outcomes__task")
