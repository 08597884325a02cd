"""Deliveries over HTTP; sending many again is a job whose progress can be asked for."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, Conflict, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.core import clock
from integrations.core.work import OPEN_STATES
from integrations.outbox.api.filters import DeliveryFilter, ResendFilter
from integrations.outbox.api.serializers import DeliveryAnswer, DeliveryRow, ResendAnswer, ResendInput
from integrations.outbox.models import Delivery, Destination, Resend
from integrations.outbox.services import resending

SECRETS = ("destination__secrets", "destination__headers")
NAMED_AT_MOST = 20


class _Deliveries(ApiView):
    scope = "deliveries:read"
    tag = "Deliveries"

    def rows(self, workspace_id: int) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(destination__workspace=workspace_id).select_related("message", "destination")
        return rows.annotate(subject=F("message__subject")).defer(*SECRETS)


@extend_schema_view(get=extend_schema(operation_id="list_deliveries", summary="List what was sent, and to whom"))
class DeliveryList(_Deliveries, ListView):
    serializer_class = DeliveryRow
    filterset_class = DeliveryFilter

    def rows(self, workspace_id: int) -> QuerySet[Delivery]:
        return super().rows(workspace_id).defer("message__body", *SECRETS)


@extend_schema_view(
    get=extend_schema(
        operation_id="get_delivery",
        summary="Read a delivery with its attempts",
        description="Its body too, for a token with the scope `bodies:read`.",
    )
)
class DeliveryDetail(_Deliveries, DetailView):
    serializer_class = DeliveryAnswer


class SendAgain(_Deliveries):
    scope = "deliveries:write"
    serializer_class = DeliveryAnswer

    @extend_schema(
        operation_id="resend_delivery",
        summary="Send a delivery again",
        description="What still waits, or whose destination was deleted, is left alone: 409.",
        request=None,
        responses={202: DeliveryAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        row = self.get_object()
        if not resending.resend(Delivery.objects.filter(pk=row.pk), by=self.caller, now=clock.now()):
            raise Conflict("It still waits, or its destination was deleted.", code="not_resendable")
        data = DeliveryAnswer(self.get_object(), context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_202_ACCEPTED)


class _Resends(ApiView):
    scope = "deliveries:read"
    write_scope = "deliveries:write"
    tag = "Deliveries"
    serializer_class = ResendAnswer

    def rows(self, workspace_id: int) -> QuerySet[Resend]:
        return Resend.objects.filter(workspace=workspace_id).defer("delivery_ids")

    def answer(self, asked: Resend) -> Response:
        data = ResendAnswer(asked, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(
    get=extend_schema(operation_id="list_delivery_resends", summary="List what was asked to be sent again"),
    post=extend_schema(
        operation_id="resend_deliveries",
        summary="Send many deliveries again",
        description=(
            "Accepted as a job: ask at its `url` until `state` is `DONE`. Each destination gets them in their order, "
            "under the ids that they had. What still waits is left alone."
        ),
        request=ResendInput,
        responses={202: ResendAnswer},
        examples=[
            OpenApiExample("these", {"deliveries": [7, 8]}, request_only=True),
            OpenApiExample(
                "what did not arrive on a day",
                {"created_since": "2026-03-01T00:00:00Z", "created_before": "2026-03-02T00:00:00Z"},
                request_only=True,
            ),
        ],
    ),
)
class ResendList(_Resends, ListView):
    filterset_class = ResendFilter

    @idempotent
    def post(self, request: Request) -> Response:
        given = ResendInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = self._asked_for(**given.validated_data)
        resending.start(asked)
        return self.answer(asked)

    def _asked_for(self, *, deliveries: Sequence[int] = (), **wanted: Any) -> Resend:
        """:raises ValidationError: naming what is not in the workspace"""
        if deliveries:
            self._check_known(deliveries)
            return resending.named(self.workspace_id, deliveries, by=self.caller[:150])
        return Resend(
            workspace_id=self.workspace_id,
            asked_by=self.caller[:150],
            start=wanted["created_since"],
            end=min(wanted["created_before"], clock.now()),
            everything=wanted.get("everything", False),
            destination=self._destination(wanted["destination"]) if "destination" in wanted else None,
        )

    def _check_known(self, named: Sequence[int]) -> None:
        """:raises ValidationError:"""
        rows = Delivery.objects.filter(destination__workspace=self.workspace_id, pk__in=named)
        if missing := sorted(set(named) - set(rows.values_list("pk", flat=True))):
            said = ", ".join(str(pk) for pk in missing[:NAMED_AT_MOST])
            raise ValidationError({"deliveries": [f"Not in the token's workspace: {said}."]})

    def _destination(self, pk: int) -> Destination:
        rows = Destination.objects.kept().filter(workspace=self.workspace_id, pk=pk)
        if found := rows.defer("secrets", "headers").first():
            return found
        raise ValidationError({"destination": ["There is no such destination in the token's workspace."]})


@extend_schema_view(get=extend_schema(operation_id="get_delivery_resend", summary="Read how far a resend is"))
class ResendDetail(_Resends, DetailView):
    pass


class Stop(_Resends):
    @extend_schema(
        operation_id="stop_delivery_resend",
        summary="Stop a resend",
        description="It ends after the portion at hand; what was queued stays queued. One that has ended: 409.",
        request=None,
        responses={202: ResendAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        asked = self.get_object()
        if asked.state not in OPEN_STATES:
            raise Conflict("It has ended.", code="already_ended")
        resending.stop(asked, by=self.caller[:150])
        return self.answer(self.get_object())
