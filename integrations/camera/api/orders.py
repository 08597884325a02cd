"""Work orders: made, read, changed, deleted (4.4, 4.7)."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.camera.api import telling
from integrations.camera.api.answers import OrderAnswer
from integrations.camera.api.asking import CameraView, checked
from integrations.camera.api.schema import described
from integrations.camera.api.taking import OrderChange, OrderDescription
from integrations.camera.services import changing

INCLUDE = OpenApiParameter(
    "include_inputs", OpenApiTypes.BOOL, default=True, description="`false` leaves the photos out, and is faster."
)
ID = OpenApiParameter("order_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
EXAMPLE = {"name": "JOB-1042", "metadata": {"region": "North", "floors": 3}, "tags": ["north"]}


class Orders(CameraView):
    rights = {"POST": "add"}

    @described(
        operation_id="camera_create_order",
        summary="Make an order",
        description="Its `id` is what the connector takes as `work_order_id`.",
        request=OrderDescription,
        responses={201: OrderAnswer},
        examples=[OpenApiExample("an order", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        made = changing.create(self.key, checked(OrderDescription, request), now=timezone.now())
        return Response(telling.order(made), status=status.HTTP_201_CREATED)


class Order(CameraView):
    @described(
        operation_id="camera_get_order",
        summary="Read an order with all results",
        description="A task's value is that of the newest photo of its type; a correction is beside it.",
        parameters=[ID, INCLUDE],
        responses={200: OrderAnswer},
    )
    def get(self, request: Request, order_id: str) -> Response:
        without = str(request.query_params.get("include_inputs", "")).lower() in ("false", "0", "no")
        return Response(telling.order(self.order(order_id), include_inputs=not without))

    @described(
        operation_id="camera_update_order",
        summary="Change an order",
        description="What is left out stays as it is; `metadata` is replaced as a whole.",
        parameters=[ID],
        request=OrderChange,
        responses={200: OrderAnswer},
    )
    def patch(self, request: Request, order_id: str) -> Response:
        found = self.order(order_id)
        values = checked(OrderChange, request, partial=True)
        return Response(telling.order(changing.update(found, values, key=self.key, now=timezone.now())))

    @described(operation_id="camera_delete_order", summary="Delete an order", parameters=[ID], responses={204: None})
    def delete(self, request: Request, order_id: str) -> Response:
        changing.delete(self.order(order_id), by=self.caller, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
