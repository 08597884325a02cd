"""Received webhooks over HTTP, and their replay as a job whose progress can be asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
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
from integrations.core.work import OPEN_STATES
from integrations.inbox import replays
from integrations.inbox.api.filters import ReplayFilter, WebhookFilter
from integrations.inbox.api.serializers import ReplayAnswer, ReplayInput, WebhookAnswer, WebhookRow
from integrations.inbox.models import ReceivedWebhook, Replay, WebhookSource

BLOBS = ("credentials", "token_cache", "settings", "probe")
OF_CONNECTION = tuple(f"source__connection__{name}" for name in BLOBS)
NAMED_AT_MOST = 20


class _Webhooks(ApiView):
    scope = "webhooks:read"
    tag = "Webhooks"

    def rows(self, workspace_id: int) -> QuerySet[ReceivedWebhook]:
        rows = ReceivedWebhook.objects.filter(source__connection__workspace=workspace_id)
        return rows.select_related("source__connection").defer("source__secrets", *OF_CONNECTION)


@extend_schema_view(get=extend_schema(operation_id="list_webhooks", summary="List received webhooks"))
class WebhookList(_Webhooks, ListView):
    serializer_class = WebhookRow
    filterset_class = WebhookFilter
    orderings = ("-id", "id", "received_at", "-received_at")

    def rows(self, workspace_id: int) -> QuerySet[ReceivedWebhook]:
        return super().rows(workspace_id).defer("body", "headers", "query", "source__secrets", *OF_CONNECTION)


@extend_schema_view(
    get=extend_schema(
        operation_id="get_webhook",
        summary="Read a received webhook",
        description="Its headers and body too, for a token with the scope `bodies:read`.",
    )
)
class WebhookDetail(_Webhooks, DetailView):
    serializer_class = WebhookAnswer


class _Replays(ApiView):
    scope = "webhooks:read"
    write_scope = "webhooks:write"
    tag = "Webhooks"
    serializer_class = ReplayAnswer

    def rows(self, workspace_id: int) -> QuerySet[Replay]:
        return Replay.objects.filter(workspace=workspace_id).defer("webhook_ids")

    def answer(self, replay: Replay) -> Response:
        data = ReplayAnswer(replay, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(
    get=extend_schema(operation_id="list_webhook_replays", summary="List the replays that were asked for by the API"),
    post=extend_schema(
        operation_id="replay_webhooks",
        summary="Process webhooks again",
        description=(
            "Accepted as a job: ask at its `url` until `state` is `DONE`. Facts are published even where nothing "
            "changed. Webhooks whose body was deleted, or that are being processed, are left alone."
        ),
        request=ReplayInput,
        responses={202: ReplayAnswer},
        examples=[
            OpenApiExample("these", {"webhooks": [7, 8]}, request_only=True),
            OpenApiExample(
                "what failed on a day",
                {"received_since": "2026-03-01T00:00:00Z", "received_before": "2026-03-02T00:00:00Z"},
                request_only=True,
            ),
        ],
    ),
)
class ReplayList(_Replays, ListView):
    filterset_class = ReplayFilter

    @idempotent
    def post(self, request: Request) -> Response:
        asked = ReplayInput(data=request.data)
        asked.is_valid(raise_exception=True)
        replay = self._asked_for(**asked.validated_data)
        replays.start(replay)
        return self.answer(replay)

    def _asked_for(self, *, webhooks: Sequence[int] = (), **wanted: Any) -> Replay:
        """:raises ValidationError: naming what is not in the workspace"""
        replay = Replay(workspace_id=self.workspace_id, asked_by=self.caller[:150])
        if webhooks:
            replay.start, replay.end = self._span_of(webhooks)
            replay.webhook_ids, replay.only_failed = sorted(set(webhooks)), False
            return replay
        replay.start, replay.end = wanted["received_since"], min(wanted["received_before"], clock.now())
        replay.only_failed = wanted.get("only_failed", True)
        replay.source = self._source(wanted["source"]) if "source" in wanted else None
        return replay

    def _span_of(self, named: Sequence[int]) -> tuple[datetime, datetime]:
        """Return from when until before when these were received. :raises ValidationError:"""
        rows = ReceivedWebhook.objects.filter(source__connection__workspace=self.workspace_id, pk__in=named)
        found = dict(rows.values_list("pk", "received_at"))
        if missing := sorted(set(named) - set(found)):
            said = ", ".join(str(pk) for pk in missing[:NAMED_AT_MOST])
            raise ValidationError({"webhooks": [f"Not received in the token's workspace: {said}."]})
        return min(found.values()), max(found.values()) + timedelta(microseconds=1)

    def _source(self, pk: int) -> WebhookSource:
        rows = WebhookSource.objects.filter(connection__workspace=self.workspace_id, pk=pk)
        if found := rows.defer("secrets").first():
            return found
        raise ValidationError({"source": ["There is no such source in the token's workspace."]})


@extend_schema_view(get=extend_schema(operation_id="get_webhook_replay", summary="Read how far a replay is"))
class ReplayDetail(_Replays, DetailView):
    pass


class Stop(_Replays):
    @extend_schema(
        operation_id="stop_webhook_replay",
        summary="Stop a replay",
        description="It ends after the portion at hand; what was replayed stays replayed. One that has ended: 409.",
        request=None,
        responses={202: ReplayAnswer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        replay = self.get_object()
        if replay.state not in OPEN_STATES:
            raise Conflict("It has ended.", code="already_ended")
        replays.stop(replay, by=self.caller[:150])
        return self.answer(self.get_object())
