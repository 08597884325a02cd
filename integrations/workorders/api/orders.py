"""Work orders over HTTP: told by systems of record, read by whoever has a token."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.connections.models import Connection
from integrations.core import clock, registries
from integrations.workorders.api import visible
from integrations.workorders.api.filters import WorkOrderFilter
from integrations.workorders.api.serializers import TimelineAnswer, WorkOrderAnswer, WorkOrderInput
from integrations.workorders.models import WorkOrder
from integrations.workorders.naming import fault_of
from integrations.workorders.services import put_work_order

IN_SYSTEM = [
    OpenApiParameter("system", OpenApiTypes.STR, OpenApiParameter.PATH, description="Slug of the connection."),
    OpenApiParameter(
        "external_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="What that system calls the order; exactly."
    ),
]


class _Orders(ApiView):
    """Of the work orders of the token's workspace."""

    scope = "workorders:read"
    tag = "Work orders"
    serializer_class = WorkOrderAnswer

    def rows(self, workspace_id: int) -> QuerySet[WorkOrder]:
        return visible.orders(workspace_id)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_work_orders",
        summary="List work orders",
        description=(
            "In the order in which they changed. To follow changes, ask with `changed_since` set some minutes before "
            "the newest `changed_at` that you know: a change becomes visible a moment after its time."
        ),
    )
)
class WorkOrderList(_Orders, ListView):
    filterset_class = WorkOrderFilter
    # An order that changes while someone pages through moves to the end, so that none is missed.
    orderings = ("changed_at", "-changed_at", "id", "-id")


@extend_schema_view(get=extend_schema(operation_id="get_work_order_by_number", summary="Read a work order by number"))
class WorkOrderDetail(_Orders, DetailView):
    pass


class WorkOrderTimeline(_Orders):
    """What happened to a work order."""

    @extend_schema(
        operation_id="get_work_order_timeline",
        summary="Read what happened to a work order",
        responses={200: TimelineAnswer},
    )
    def get(self, request: Request, pk: int) -> Response:
        entries = registries.timeline(self.get_object().subject)
        return Response(TimelineAnswer({"results": entries}).data)


class WorkOrderInSystem(_Orders, DetailView):
    """One work order, as a system of record calls it."""

    write_scope = "workorders:write"

    def get_object(self) -> WorkOrder:
        called, system = self.kwargs["external_id"], self._system()
        named = self.get_queryset().filter(external_ids__system=system, external_ids__external_id=called)
        found: WorkOrder | None = None if fault_of(called) else named.first()
        if found:
            return found
        raise NotFound("This system of record has not told of such a work order.", code="work_order_not_found")

    @extend_schema(operation_id="get_work_order", summary="Read a work order", parameters=IN_SYSTEM)
    def get(self, request: Request, **names: Any) -> Response:
        return super().get(request, **names)

    @extend_schema(
        operation_id="put_work_order",
        summary="Tell of a work order",
        description=(
            "Creates or updates it. A field that is left out stays as it is; null or an empty text empties it. Content "
            "that is known already changes nothing, and may be sent again at any time."
        ),
        parameters=IN_SYSTEM,
        request=WorkOrderInput,
        responses={200: WorkOrderAnswer, 201: WorkOrderAnswer},
        examples=[
            OpenApiExample(
                "an order",
                {"title": "Replace pump seal", "asset": "Pump 7", "site": "Lyon", "opened_at": "2026-03-01T08:00:00"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def put(self, request: Request, system: str, external_id: str) -> Response:
        if fault := fault_of(external_id):
            raise ValidationError({"external_id": [fault]})
        told_by = self._system()
        told = WorkOrderInput(data=request.data, context={"zone": ZoneInfo(told_by.time_zone)})
        told.is_valid(raise_exception=True)
        put = put_work_order(system=told_by, external_id=external_id, values=told.validated_data, now=clock.now())
        answer = WorkOrderAnswer(self.get_queryset().get(pk=put.work_order.pk))
        return Response(answer.data, status=status.HTTP_201_CREATED if put.created else status.HTTP_200_OK)

    def _system(self) -> Connection:
        return visible.system(self.kwargs["system"], workspace_id=self.workspace_id)
