"""Writes over HTTP: read, tried again, decided about; a work order's facts published again."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.views import ApiView, Conflict, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.core import clock
from integrations.sync import services
from integrations.sync.api.filters import WriteFilter
from integrations.sync.api.serializers import LARGE, DecisionInput, ReplayedAnswer, WriteAnswer, WriteRow
from integrations.sync.models import RecordWrite
from integrations.workorders.models import WorkOrder

RELATED = ("lane__connection__slug", "lane__record_key", "operation__name", "operation__lookup")
OWN = tuple(field.name for field in RecordWrite._meta.concrete_fields)
DECISIONS: dict[str, Callable[..., object]] = {
    "done": services.mark_as_done,
    "send_again": services.send_again,
    "give_up": services.give_up,
    "choose": services.choose_record,
}


class _Writes(ApiView):
    scope = "writes:read"
    tag = "Writes"
    serializer_class: type[WriteRow] = WriteAnswer

    def rows(self, workspace_id: int) -> QuerySet[RecordWrite]:
        rows = RecordWrite.objects.filter(lane__connection__workspace=workspace_id)
        return rows.select_related("lane__connection", "operation").only(*OWN, *RELATED)


@extend_schema_view(get=extend_schema(operation_id="list_writes", summary="List writes"))
class WriteList(_Writes, ListView):
    serializer_class = WriteRow
    filterset_class = WriteFilter
    orderings = ("-id", "id", "created_at", "-created_at")

    def rows(self, workspace_id: int) -> QuerySet[RecordWrite]:
        return super().rows(workspace_id).only(*(name for name in OWN if name not in LARGE), *RELATED)


@extend_schema_view(
    get=extend_schema(operation_id="get_write", summary="Read a write, with what was sent, answered and read back")
)
class WriteDetail(_Writes, DetailView):
    pass


class Retry(_Writes):
    scope = "writes:write"

    @extend_schema(
        operation_id="retry_write",
        summary="Try a write again, with the newest content",
        description="What is confirmed, waits for its turn or waits for a decision is left alone: 409.",
        request=None,
        responses={202: WriteAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        write = self.get_object()
        if not services.retry(RecordWrite.objects.filter(pk=write.pk), by=self.caller, now=clock.now()):
            said = "It is confirmed, or waits for its turn or for a decision; only what ended otherwise is tried again."
            raise Conflict(said, code="not_retryable")
        return Response(WriteAnswer(self.get_object()).data, status=status.HTTP_202_ACCEPTED)


class Decide(_Writes):
    scope = "writes:write"

    @extend_schema(
        operation_id="decide_write",
        summary="Decide about a write that waits for it",
        description="Only a write in the state `UNSURE` waits for a decision; any other: 409.",
        request=DecisionInput,
        responses={200: WriteAnswer},
        examples=[
            OpenApiExample("it is there", {"decision": "done"}, request_only=True),
            OpenApiExample("this record is meant", {"decision": "choose", "record": "10042"}, request_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        asked = DecisionInput(data=request.data)
        asked.is_valid(raise_exception=True)
        self._decide(self.get_object(), **asked.validated_data)
        return Response(WriteAnswer(self.get_object()).data)

    def _decide(self, write: RecordWrite, *, decision: str, **chosen: Any) -> None:
        """:raises Conflict, ValidationError:"""
        if write.candidates and decision in ("done", "send_again"):
            raise Conflict("It asks which record is meant: choose one, or give up.", code="not_undecided")
        try:
            DECISIONS[decision](write, *chosen.values(), by=self.caller, now=clock.now())
        except services.NotUndecided:
            raise Conflict("It does not wait for this decision (any more).", code="not_undecided") from None
        except ValueError as error:
            raise ValidationError({"record": [str(error)]}) from error


class ReplayWorkOrder(ApiView):
    scope = "writes:write"
    tag = "Work orders"
    not_found = "There is no such work order in the token's workspace."

    def rows(self, workspace_id: int) -> QuerySet[WorkOrder]:
        return WorkOrder.objects.filter(workspace=workspace_id)

    @extend_schema(
        operation_id="replay_work_order",
        summary="Publish every fact of a work order again",
        description="Old facts too. What is written already, as it is, is not written again.",
        request=None,
        responses={202: ReplayedAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        published = services.replay(self.get_object())
        return Response({"published": published}, status=status.HTTP_202_ACCEPTED)
