"""The four queries. Each list is one query for its rows, one for its count, and a fixed number for what hangs on it."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from integrations.events.facts import RECOGNISED
from integrations.events.graphql import arguments, errors, shapes
from integrations.events.graphql.arguments import Given
from integrations.events.graphql.calling import Args, Call
from integrations.events.graphql.shapes import Shape
from integrations.events.models import Endpoint, Event, EventFilter, Sighting
from integrations.events.selectors.feed import feed, log_of
from integrations.events.services import subscribing

FEED, MOST_LINKS = 500, 20_000
CREATED = {"creationDate": "created_at", "creation_date": "created_at"}
MODIFIED = {"lastModified": "modified_at", "last_modified": "modified_at"}
# The schema knows these types; events of ours and of other types go by REST and websocket.
TYPES = tuple(name.lower() for name in RECOGNISED)
# Filter of the API → column.
EVENT_IDS = {"id": "uuid", "activityId": "activity_id", "cameraId": "camera_id", "agentId": "agent_id"}


def endpoints(call: Call, args: Args) -> Shape:
    given: Given = args.get("filters") or {}
    rows = _by_id(Endpoint.objects.of(call.workspace_id), given).select_related("destination")
    if type := (given.get("type") or {}).get("exact"):
        rows = rows.filter(type=type)
    rows = rows.order_by(*arguments.order(args.get("order"), CREATED))
    return shapes.collection(rows, arguments.page(args.get("pagination")), shapes.endpoint)


def events_filters(call: Call, args: Args) -> Shape:
    rows = _by_id(EventFilter.objects.filter(workspace_id=call.workspace_id), args.get("filters") or {})
    rows = rows.order_by(*arguments.order(args.get("order"), CREATED | MODIFIED))
    page = arguments.page(args.get("pagination"))
    _check_links(rows[page])
    linked = Endpoint.objects.select_related("destination").order_by("created_at", "pk")
    return shapes.collection(rows.prefetch_related(Prefetch("endpoints", linked)), page, shapes.event_filter)


def _check_links(rows: "QuerySet[EventFilter]") -> None:
    """The endpoints of a filter have no pages of their own. :raises GraphQLError: where they would be too many"""
    pks = list(rows.values_list("pk", flat=True))
    if EventFilter.endpoints.through.objects.filter(eventfilter_id__in=pks).count() > MOST_LINKS:
        raise errors.bad("pagination.limit", f"These filters have more than {MOST_LINKS} endpoints; ask for fewer.")


def _by_id(rows: Any, given: Given) -> Any:
    ids = arguments.ids(given.get("id"), "filters.id")
    return rows if ids is None else rows.filter(pk__in=ids)


def events(call: Call, args: Args) -> Shape:
    """What is in the log, withheld or not."""
    rows = _events(call.workspace_id, args.get("filters") or {})
    rows = rows.order_by(*arguments.order(args.get("order"), {"date": "occurred_at"}, ties="uuid"))
    log = log_of(call.workspace_id)
    return shapes.collection(rows, arguments.page(args.get("pagination")), lambda row: shapes.event(row, log))


def _events(workspace_id: int, given: Given) -> "QuerySet[Event]":
    types = arguments.values(given.get("type"), "filters.type")
    wanted = TYPES if types is None else [name.lower() for name in types]
    rows = Event.objects.numbered().recognitions().filter(workspace_id=workspace_id, type__in=wanted)
    rows = rows.filter(**arguments.dates(given.get("date"), "occurred_at"))
    for name, column in EVENT_IDS.items():
        ids = arguments.ids(given.get(name), f"filters.{name}")
        rows = rows if ids is None else rows.filter(**{f"{column}__in": ids})
    profiles = arguments.ids(given.get(_PROFILE), f"filters.{_PROFILE}")
    if profiles is None:
        return rows
    sightings = Sighting.objects.filter(workspace_id=workspace_id, profile_id__in=profiles)
    return rows.filter(pk__in=sightings.values("event"))


_PROFILE = "dataIdentificationDataProfileId"


def event_feed(call: Call, args: Args) -> Shape:
    """What follows a cursor, filtered as the endpoint is now. :raises Missing: for an unknown endpoint"""
    limit = arguments.limit(args.get("limit"), "limit", default=FEED)
    endpoint_id = args.get("endpointId")
    if endpoint_id is not None:
        endpoint_id = subscribing.endpoint_of(call.workspace_id, endpoint_id).pk
    after = args.get("after") or ""
    page = feed(call.workspace_id, after_cursor=after, limit=limit, endpoint_id=endpoint_id, types=TYPES)
    log = log_of(call.workspace_id)
    return {
        "items": [shapes.event(row, log) for row in page.events],
        "nextCursor": page.next,
        "hasMore": page.more,
        "oldestCursor": page.oldest,
    }
