"""Events by GraphQL: what is asked for by conditions, and what is followed by cursor."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from integrations.events import services
from integrations.events.models import Event, EventPolicy
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, filtering, subscribing
from integrations.workorders.services import put_work_order
from tests.events import payloads
from tests.events.graphql.conftest import Ask, only
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENTS = """query ($filters: EventFilters, $order: EventOrder, $pagination: Pagination) {
  events(filters: $filters, order: $order, pagination: $pagination) { totalCount collectionItems {
    id type date data agentId cameraId workspaceId creationDate lastModified activityId cursor } }
}"""
FEED = """query ($endpoint: ID, $after: String, $limit: Int) {
  eventFeed(endpointId: $endpoint, after: $after, limit: $limit) {
    items { id type cursor } nextCursor hasMore oldestCursor } }"""


def ingest(space: int, *items: dict[str, Any]) -> None:
    assert services.ingest(space, items, now=NOON).accepted == len(items)
    sequence_all()


def found(answer: dict[str, Any]) -> list[str]:
    return [row["id"] for row in answer["data"]["events"]["collectionItems"]]


def ids(*numbers: int) -> list[str]:
    return [payloads.event_id(number) for number in numbers]


def test_o36_events_are_found_by_date_in_the_order_asked_for(ask: Ask, space: int) -> None:
    ingest(space, *(payloads.handed(number, date=f"2024-06-0{number}T12:00:00Z") for number in (1, 2, 3)))
    between = {"gt": "2024-06-01T12:00:00Z", "lte": "2024-06-03 12:00:00+00:00"}

    answer = ask(EVENTS, filters={"date": between}, order={"date": "DESC"})
    second = ask(EVENTS, order={"date": "ASC"}, pagination={"offset": 1, "limit": 1})

    assert found(answer) == ids(3, 2)
    assert answer["data"]["events"]["totalCount"] == 2
    assert (found(second), second["data"]["events"]["totalCount"]) == (ids(2), 3)


def test_o37_events_are_found_by_the_profile_they_name(ask: Ask, space: int) -> None:
    other = payloads.PROFILE[:-1] + "2"
    ingest(space, payloads.seen(1), payloads.seen(2, other), payloads.seen(3, other, payloads.PROFILE))
    ingest(space, payloads.handed(4))

    answer = ask(EVENTS, filters={"dataIdentificationDataProfileId": {"exact": payloads.PROFILE}})

    assert sorted(found(answer)) == ids(1, 3)


def test_an_event_has_every_field_of_the_schema(ask: Ask, space: int) -> None:
    ingest(space, payloads.pushed(1))

    [row] = ask(EVENTS)["data"]["events"]["collectionItems"]

    assert row["type"] == "IDENTIFICATION"
    assert row["date"] == "2024-06-01T12:00:00.250000+00:00"
    assert row["creationDate"] == row["lastModified"] == "2026-03-01T12:00:00.000000+00:00"
    assert (row["cameraId"], row["agentId"]) == (payloads.camera(), payloads.AGENT)
    assert (row["workspaceId"], row["activityId"]) == (str(space), "0a0a0a0a-1111-4222-8333-000000000001")
    assert row["data"] == {
        "$image": {"id": payloads.image(1)},
        "$original_image": {"id": payloads.image(2)},
        "identification_data": [{"profile_id": payloads.PROFILE, "confidence": 0.91}],
    }


def test_events_are_found_by_camera_agent_activity_id_and_type(ask: Ask, space: int) -> None:
    ingest(
        space, payloads.pushed(1), payloads.handed(2, type="har", source=2), payloads.handed(3, type="roi", source=3)
    )
    activity = "0a0a0a0a-1111-4222-8333-000000000001"

    for filters, numbers in (
        ({"id": {"exact": payloads.event_id(2)}}, [2]),
        ({"cameraId": {"in": [payloads.camera(2), payloads.camera(3)]}}, [2, 3]),
        ({"cameraId": {"in": [payloads.camera(2)]}, "type": {"exact": "ROI"}}, []),
        ({"agentId": {"exact": payloads.AGENT}}, [1]),
        ({"activityId": {"exact": activity.upper()}}, [1]),
        ({"type": {"in": ["HAR", "IDENTIFICATION"]}}, [1, 2]),
        ({"type": None, "id": {"exact": None}, "date": {}}, [1, 2, 3]),
    ):
        assert sorted(found(ask(EVENTS, filters=filters))) == ids(*numbers), filters


def test_o38_what_is_withheld_is_in_events_and_not_in_the_feed(ask: Ask, space: int) -> None:
    EventPolicy.objects.create(workspace_id=space, deleted_profile="drop")
    _delete_the_profile(space)
    ingest(space, payloads.seen(1))

    assert found(ask(EVENTS)) == ids(1)
    assert ask(FEED)["data"]["eventFeed"]["items"] == []


def test_o39_an_event_of_a_deleted_profile_is_told_with_its_bare_id(ask: Ask, space: int) -> None:
    _delete_the_profile(space)
    door = subscribing.create_websocket(space, name="door", now=NOON)
    given = {"profileGroupIds": [payloads.GROUP]}
    filtering.create_filter(space, given=given, endpoint_ids=[door.pk], now=NOON)
    ingest(space, payloads.seen(1), payloads.seen(2, payloads.PROFILE[:-1] + "9"))

    fed = ask(FEED, endpoint=str(door.pk))["data"]["eventFeed"]
    [row] = ask(EVENTS, filters={"id": {"exact": payloads.event_id(1)}})["data"]["events"]["collectionItems"]

    assert [each["id"] for each in fed["items"]] == ids(1)
    named = {"profile_id": payloads.PROFILE, "confidence": 0.91, "deleted": True}
    assert row["data"]["identification_data"] == [named]


def _delete_the_profile(space: int) -> None:
    directory.put_profile(space, UUID(payloads.PROFILE), watchlists=[UUID(payloads.GROUP)], now=NOON)
    directory.delete_profile(space, UUID(payloads.PROFILE), now=NOON)


def test_the_feed_goes_on_from_its_cursor_and_an_empty_page_has_one_too(ask: Ask, space: int) -> None:
    empty = ask(FEED)["data"]["eventFeed"]
    ingest(space, *(payloads.handed(number) for number in (1, 2, 3)))

    first = ask(FEED, after=empty["nextCursor"], limit=2)["data"]["eventFeed"]
    rest = ask(FEED, after=first["nextCursor"])["data"]["eventFeed"]
    end = ask(FEED, after=rest["nextCursor"])["data"]["eventFeed"]
    again = ask(FEED, after=first["items"][0]["cursor"])["data"]["eventFeed"]

    assert ([each["id"] for each in first["items"]], first["hasMore"]) == (ids(1, 2), True)
    assert ([each["id"] for each in rest["items"]], rest["hasMore"]) == (ids(3), False)
    assert (end["items"], end["nextCursor"]) == ([], rest["nextCursor"])
    assert [each["id"] for each in again["items"]] == ids(2, 3)
    assert found(ask(EVENTS, order={"date": "ASC"})) == ids(1, 2, 3)


def test_events_that_the_schema_has_no_type_for_are_passed_over(ask: Ask, space: int) -> None:
    system = make_connection(platform="generic")
    put_work_order(system=system, external_id="WO-7", values={"site": "Lyon"}, now=NOON)
    ingest(space, payloads.handed(1, type="smoke"), payloads.handed(2))

    fed = ask(FEED)["data"]["eventFeed"]

    assert Event.objects.numbered().count() > 2
    assert [each["id"] for each in fed["items"]] == found(ask(EVENTS)) == ids(2)
    assert fed["hasMore"] is False


def test_o41_a_cursor_older_than_the_log_says_where_to_go_on(ask: Ask, space: int) -> None:
    ingest(space, payloads.handed(1), payloads.handed(2), payloads.handed(3))
    old = ask(FEED, limit=1)["data"]["eventFeed"]["nextCursor"]
    Event.objects.filter(uuid__in=ids(1, 2)).delete()

    error = only(ask(FEED, after=old))

    assert error["code"] == "CURSOR_EXPIRED"
    page = ask(FEED, after=error["extensions"]["oldestCursor"])["data"]["eventFeed"]
    assert [each["id"] for each in page["items"]] == ids(3)


def test_events_cost_as_many_queries_for_fifty_rows_as_for_one(
    ask: Ask, space: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ingest(space, payloads.seen(1))
    ask(EVENTS)  # notes that the token is used
    with django_assert_num_queries(5):
        assert len(found(ask(EVENTS))) == 1
    ingest(space, *(payloads.seen(number) for number in range(2, 51)))

    with django_assert_num_queries(5):
        assert len(found(ask(EVENTS))) == 50


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        ("{ events(pagination: {limit: 0}) { totalCount } }", "pagination.limit"),
        ("{ events(pagination: {limit: 1001}) { totalCount } }", "pagination.limit"),
        ("{ events(pagination: {offset: -1}) { totalCount } }", "pagination.offset"),
        ('{ events(filters: {cameraId: {exact: "gate"}}) { totalCount } }', "filters.cameraId.exact"),
        ('{ events(filters: {id: {in: ["1"]}}) { totalCount } }', "filters.id.in"),
        ("{ eventFeed(limit: 0) { nextCursor } }", "limit"),
        ('{ eventFeed(after: "öö") { nextCursor } }', "after"),
        ("{ eventsFilters(order: {creationDate: ASC, creation_date: DESC}) { totalCount } }", "order"),
        ("{ eventsFilters(order: {creationDate: ASC, lastModified: ASC}) { totalCount } }", "order"),
    ],
)
def test_a_wrong_argument_is_named(ask: Ask, query: str, argument: str) -> None:
    error = only(ask(query))

    assert (error["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)
    assert error["message"].startswith(f"{argument}: ")
