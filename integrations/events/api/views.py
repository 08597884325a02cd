"""Endpoints, event filters and the log of events over HTTP."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.connections.api.fields import ProblemAnswer
from integrations.connections.api.views import ApiView, DetailView, ListView
from integrations.connections.idempotency import idempotent
from integrations.core import clock
from integrations.events import access
from integrations.events.api.filters import EndpointFilters, FilterFilters
from integrations.events.api.serializers import (
    EndpointAnswer,
    EndpointChange,
    EndpointInput,
    EventPage,
    FeedQuery,
    FilterAnswer,
    FilterInput,
    FilterSaved,
)
from integrations.events.cursors import CursorInvalid
from integrations.events.models import Endpoint, EndpointType, EventFilter
from integrations.events.refusals import Missing, Refused
from integrations.events.selectors.feed import CursorExpired, feed, log_of
from integrations.events.selectors.subscriptions import subscriptions
from integrations.events.services import filtering, subscribing
from integrations.events.services.filtering import Saved

CONDITIONS = {
    "camera_ids": "cameraIds",
    "agent_ids": "agentIds",
    "profile_group_ids": "profileGroupIds",
    "event_types": "eventTypes",
    "work_order": "workOrder",
}
FIELDS = {name: field for field, name in CONDITIONS.items()} | {"endpointIds": "endpoints"}
ORDERINGS = ("-created_at", "created_at", "-modified_at", "modified_at")


class CursorGone(APIException):
    """The log no longer holds what follows the cursor; the title names the oldest one."""

    status_code = status.HTTP_410_GONE
    default_code = "cursor_expired"


def done(change: Callable[[], Any]) -> Any:
    """Return what the service gave. :raises ValidationError: :raises NotFound:"""
    try:
        return change()
    except Refused as refused:
        raise ValidationError({FIELDS.get(name, name): [said] for name, said in refused.errors.items()}) from refused
    except Missing as missing:
        raise NotFound(ApiView.not_found) from missing


class _Endpoints(ApiView):
    scope, write_scope = access.MANAGE_READ, access.MANAGE
    tag = "Endpoints and filters"
    serializer_class = EndpointAnswer

    def rows(self, workspace_id: int) -> QuerySet[Endpoint]:
        rows = Endpoint.objects.of(workspace_id).select_related("destination")
        return rows.defer("access", "destination__headers", "destination__secrets")

    def answered(self, endpoint: Endpoint, code: int) -> Response:
        return Response(EndpointAnswer(endpoint).data, status=code)


@extend_schema_view(
    get=extend_schema(operation_id="list_endpoints", summary="List endpoints"),
    post=extend_schema(
        operation_id="create_endpoint",
        summary="Make an endpoint",
        description="Without an event filter it gets every event of the workspace.",
        request=EndpointInput,
        responses={201: EndpointAnswer},
    ),
)
class EndpointList(_Endpoints, ListView):
    filterset_class = EndpointFilters
    orderings = ORDERINGS

    @idempotent
    def post(self, request: Request) -> Response:
        asked = EndpointInput(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        kind = values.pop("type")
        make = subscribing.create_webhook if kind == EndpointType.WEB_HOOK else subscribing.create_websocket
        _check_kind(kind, values)
        return self.answered(done(lambda: make(self.workspace_id, now=clock.now(), **values)), status.HTTP_201_CREATED)


def _check_kind(kind: str, values: dict[str, Any]) -> None:
    """:raises ValidationError: for what belongs to the other type, and for a webhook without address"""
    foreign = {"auth", "ws_errors"} if kind == EndpointType.WEB_HOOK else {"url", "method"}
    errors = {name: [f"A {kind} endpoint does not have this."] for name in sorted(foreign & set(values))}
    if kind == EndpointType.WEB_HOOK and "url" not in values:
        errors["url"] = ["A webhook needs an address."]
    if errors:
        raise ValidationError(errors)


@extend_schema_view(
    get=extend_schema(operation_id="get_endpoint", summary="Read an endpoint"),
    patch=extend_schema(
        operation_id="update_endpoint",
        summary="Change an endpoint",
        request=EndpointChange,
        responses={200: EndpointAnswer},
    ),
    delete=extend_schema(
        operation_id="delete_endpoint",
        summary="Delete an endpoint",
        description="Its sockets close and what waits for it is dropped; its filters stay.",
        responses={204: None},
    ),
)
class EndpointDetail(_Endpoints, DetailView):
    @idempotent
    def patch(self, request: Request, pk: Any) -> Response:
        asked = EndpointChange(data=request.data)
        asked.is_valid(raise_exception=True)
        change = partial(subscribing.update_endpoint, self.workspace_id, pk, now=clock.now(), **asked.validated_data)
        return self.answered(done(change), status.HTTP_200_OK)

    def delete(self, request: Request, pk: Any) -> Response:
        done(lambda: subscribing.delete_endpoints(self.workspace_id, [pk], by=self.caller, now=clock.now()))
        return Response(status=status.HTTP_204_NO_CONTENT)


class _Filters(ApiView):
    scope, write_scope = access.MANAGE_READ, access.MANAGE
    tag = "Endpoints and filters"
    serializer_class = FilterAnswer

    def rows(self, workspace_id: int) -> QuerySet[EventFilter]:
        return EventFilter.objects.filter(workspace_id=workspace_id).prefetch_related("endpoints")

    def answered(self, saved: Saved, code: int) -> Response:
        saved.filter.warnings = list(saved.warnings)  # type: ignore[attr-defined]  # for this one answer
        return Response(FilterSaved(saved.filter).data, status=code)


def _asked(request: Request) -> dict[str, Any]:
    asked = FilterInput(data=request.data)
    asked.is_valid(raise_exception=True)
    values = asked.validated_data
    given = {CONDITIONS[name]: _plain(value) for name, value in values.items() if name in CONDITIONS}
    named: dict[str, Any] = {"given": given}
    if "name" in values:
        named["name"] = values["name"]
    return named | ({"endpoint_ids": values["endpoints"]} if "endpoints" in values else {})


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict) else [str(each) for each in value]


@extend_schema_view(
    get=extend_schema(operation_id="list_event_filters", summary="List event filters"),
    post=extend_schema(
        operation_id="create_event_filter",
        summary="Make an event filter",
        description="The first filter of an endpoint narrows it from everything to what matches; `warnings` says so.",
        request=FilterInput,
        responses={201: FilterSaved},
    ),
)
class FilterList(_Filters, ListView):
    filterset_class = FilterFilters
    orderings = ORDERINGS

    @idempotent
    def post(self, request: Request) -> Response:
        asked = _asked(request)
        saved = done(lambda: filtering.create_filter(self.workspace_id, now=clock.now(), **asked))
        return self.answered(saved, status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(operation_id="get_event_filter", summary="Read an event filter"),
    patch=extend_schema(
        operation_id="update_event_filter",
        summary="Change an event filter",
        description="What is left out stays. It counts for events that are handed in from then on.",
        request=FilterInput,
        responses={200: FilterSaved},
    ),
    delete=extend_schema(
        operation_id="delete_event_filter",
        summary="Delete an event filter",
        description="An endpoint that has none left gets every event again.",
        responses={204: None},
    ),
)
class FilterDetail(_Filters, DetailView):
    @idempotent
    def patch(self, request: Request, pk: Any) -> Response:
        asked = _asked(request)
        row: EventFilter = self.get_object()
        kept = {name: getattr(row, column) for column, name in CONDITIONS.items()}
        asked["given"] = kept | asked["given"] if asked["given"] else None
        saved = done(lambda: filtering.update_filter(self.workspace_id, pk, now=clock.now(), **asked))
        return self.answered(saved, status.HTTP_200_OK)

    def delete(self, request: Request, pk: Any) -> Response:
        done(lambda: filtering.delete_filters(self.workspace_id, [pk]))
        return Response(status=status.HTTP_204_NO_CONTENT)


AFTER = OpenApiParameter(
    "after",
    {"type": "string", "maxLength": 200, "pattern": "^[A-Za-z0-9_-]+$"},
    description="A cursor as it was given; without it, from the oldest event on.",
)
LIMIT = OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
ENDPOINT = OpenApiParameter("endpoint", OpenApiTypes.UUID, description="Only what this endpoint gets now.")


class EventFeed(ApiView):
    """The log from a cursor on."""

    scope = access.READ
    tag = "Events"
    serializer_class = EventPage

    @extend_schema(
        operation_id="read_events",
        summary="Read the log of events",
        description="In order, without gap. A cursor that retention overtook: 410, naming the oldest.",
        parameters=[AFTER, LIMIT, ENDPOINT],
        responses={200: EventPage, (410, "application/problem+json"): ProblemAnswer},
    )
    def get(self, request: Request) -> Response:
        asked = FeedQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        if values["endpoint"] and not Endpoint.objects.of(self.workspace_id).filter(pk=values["endpoint"]).exists():
            raise ValidationError({"endpoint": ["There is no such endpoint in the token's workspace."]})
        try:
            page = feed(
                self.workspace_id, after_cursor=values["after"], limit=values["limit"], endpoint_id=values["endpoint"]
            )
        except CursorInvalid as error:
            raise ValidationError({"after": [str(error)]}) from error
        except CursorExpired as error:
            raise CursorGone(f"{error} The oldest is {error.oldest}.") from error
        log, wire = log_of(self.workspace_id), subscriptions(self.workspace_id).wire
        for event in page.events:
            event.cursor, event.body = log.cursor(event.seq or 0), wire.document(event)  # type: ignore[attr-defined]
        told = {"events": page.events, "next_cursor": page.next, "has_more": page.more, "oldest_cursor": page.oldest}
        return Response(EventPage(told).data)
