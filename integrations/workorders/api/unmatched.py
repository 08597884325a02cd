"""Facts without a work order over HTTP: listed, and decided about as an operator would."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, Conflict, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.connections.models import Connection
from integrations.core import clock
from integrations.workorders import services
from integrations.workorders.api import visible
from integrations.workorders.api.filters import UnmatchedFilter
from integrations.workorders.api.serializers import AssignInput, FactAnswer
from integrations.workorders.models import JoinQuerySet, WorkOrder
from integrations.workorders.naming import order_called

DECIDED = "It belongs to a work order, or was dismissed, meanwhile; read it again."


class _Facts(ApiView):
    scope = "unmatched:read"
    tag = "Unmatched"
    serializer_class = FactAnswer

    def rows(self, workspace_id: int) -> JoinQuerySet:
        return visible.facts(workspace_id)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_unmatched",
        summary="List what waits for a work order",
        description="`reason` says why; nothing is written of it until it is assigned.",
    )
)
class UnmatchedList(_Facts, ListView):
    filterset_class = UnmatchedFilter
    orderings = ("-occurred_at", "occurred_at", "-id", "id")

    def rows(self, workspace_id: int) -> JoinQuerySet:
        return visible.facts(workspace_id).unmatched()


@extend_schema_view(
    get=extend_schema(
        operation_id="get_unmatched", summary="Read a fact, and what was decided about it, if anything was"
    )
)
class UnmatchedDetail(_Facts, DetailView):
    pass


class Assign(_Facts):
    """Give a fact its work order."""

    scope = "unmatched:write"

    @extend_schema(
        operation_id="assign_unmatched",
        summary="Assign a work order",
        description="What happened is then published as joined, once, and is written; its photos go with it.",
        request=AssignInput,
        responses={200: FactAnswer},
        examples=[
            OpenApiExample("by number", {"work_order": 7}, request_only=True),
            OpenApiExample("by name", {"system": "erp", "external_id": "WO-000981"}, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        asked = AssignInput(data=request.data)
        asked.is_valid(raise_exception=True)
        fact = self.get_object()
        order = self._order(**asked.validated_data)
        if fact.work_order_id not in (None, order.pk):
            raise Conflict(DECIDED, code="already_decided")
        try:
            services.assign(fact, order, by=self.caller, now=clock.now())
        except services.JoinChanged:
            raise Conflict(DECIDED, code="already_decided") from None
        return Response(FactAnswer(self.get_object()).data)

    def _order(self, *, work_order: int | None = None, system: str = "", external_id: str = "") -> WorkOrder:
        """:raises ValidationError: naming what is not in the workspace"""
        if work_order is None:
            return order_called(external_id, system=self._system(system)).work_order
        if found := WorkOrder.objects.filter(pk=work_order, workspace=self.workspace_id).first():
            return found
        raise ValidationError({"work_order": ["There is no such work order in the token's workspace."]})

    def _system(self, slug: str) -> Connection:
        try:
            return visible.system(slug, workspace_id=self.workspace_id)
        except NotFound as error:
            raise ValidationError({"system": [str(error.detail)]}) from error


class Dismiss(_Facts):
    """Take a fact out of Unmatched."""

    scope = "unmatched:write"

    @extend_schema(
        operation_id="dismiss_unmatched",
        summary="Dismiss: nothing of it is to be written",
        request=None,
        responses={200: FactAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        if not services.dismiss(self.get_object(), by=self.caller, now=clock.now()):
            raise Conflict(DECIDED, code="already_decided")
        return Response(FactAnswer(self.get_object()).data)
