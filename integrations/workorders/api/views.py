"""Work orders over HTTP: told by systems of record, read by whoever has a token."""

from typing import cast
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.connections.idempotency import idempotent
from integrations.connections.models import ApiToken, Connection
from integrations.connections.permissions import HasScope
from integrations.core import clock
from integrations.workorders.api.listing import OldestChangeFirst, narrowed, visible
from integrations.workorders.api.parsers import StrictJSONParser
from integrations.workorders.api.problems import READING, WRITING
from integrations.workorders.api.serializers import WorkOrderAnswer, WorkOrderInput, WorkOrderPage, WorkOrderQuery
from integrations.workorders.models import WorkOrder
from integrations.workorders.naming import fault_of
from integrations.workorders.services import put_work_order

READ, WRITE = "workorders:read", "workorders:write"
IN_SYSTEM = [
    OpenApiParameter("system", OpenApiTypes.STR, OpenApiParameter.PATH, description="Slug of the connection."),
    OpenApiParameter(
        "external_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="What that system calls the order; exactly."
    ),
]
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A repeated request with the same key gets the first one's answer.",
)


class WorkOrderView(APIView):
    """One work order, as a system of record calls it."""

    parser_classes = (StrictJSONParser,)

    def get_permissions(self) -> list[BasePermission]:
        return [HasScope(WRITE if self.request.method == "PUT" else READ)()]

    @extend_schema(
        operation_id="get_work_order",
        summary="Read a work order",
        tags=["Work orders"],
        parameters=IN_SYSTEM,
        responses={200: WorkOrderAnswer} | READING,
    )
    def get(self, request: Request, system: str, external_id: str) -> Response:
        order = _orders(request).filter(
            external_ids__system=_system(request, system), external_ids__external_id=external_id
        )
        if found := order.first():
            return Response(WorkOrderAnswer(found).data)
        raise NotFound("This system of record has not told of such a work order.", code="work_order_not_found")

    @extend_schema(
        operation_id="put_work_order",
        summary="Tell of a work order",
        description=(
            "Creates or updates it. A field that is left out stays as it is; null or an empty text empties it. Content "
            "that is known already changes nothing, and may be sent again at any time."
        ),
        tags=["Work orders"],
        parameters=[*IN_SYSTEM, KEY],
        request=WorkOrderInput,
        responses={200: WorkOrderAnswer, 201: WorkOrderAnswer} | WRITING,
    )
    @idempotent
    def put(self, request: Request, system: str, external_id: str) -> Response:
        if fault := fault_of(external_id):
            raise ValidationError({"external_id": [fault]})
        told_by = _system(request, system)
        told = WorkOrderInput(data=request.data, context={"zone": ZoneInfo(told_by.time_zone)})
        told.is_valid(raise_exception=True)
        put = put_work_order(system=told_by, external_id=external_id, values=told.validated_data, now=clock.now())
        answer = WorkOrderAnswer(_orders(request).get(pk=put.work_order.pk))
        return Response(answer.data, status=status.HTTP_201_CREATED if put.created else status.HTTP_200_OK)


class WorkOrderListView(APIView):
    """The work orders of the token's workspace, in the order in which they changed."""

    def get_permissions(self) -> list[BasePermission]:
        return [HasScope(READ)()]

    @extend_schema(
        operation_id="list_work_orders",
        summary="List work orders",
        description=(
            "In the order in which they changed. To follow changes, ask with `changed_since` set some minutes before "
            "the newest `changed_at` that you know: a change becomes visible a moment after its time."
        ),
        tags=["Work orders"],
        parameters=[WorkOrderQuery],
        responses={200: WorkOrderPage} | READING,
    )
    def get(self, request: Request) -> Response:
        asked = WorkOrderQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        pages = OldestChangeFirst()
        page = pages.paginate_queryset(narrowed(_orders(request), asked.validated_data), request, view=self)
        return pages.get_paginated_response(WorkOrderAnswer(page, many=True).data)


def _orders(request: Request) -> QuerySet[WorkOrder]:
    return visible(cast(ApiToken, request.auth))


def _system(request: Request, slug: str) -> Connection:
    """Return a connection of the token's workspace. :raises NotFound:"""
    token = cast(ApiToken, request.auth)
    rows = Connection.objects.filter(slug=slug, workspace=cast(int, token.workspace_id))
    if found := rows.defer("credentials", "token_cache").first():
        return found
    raise NotFound("There is no connection of this name in the token's workspace.", code="system_not_found")
