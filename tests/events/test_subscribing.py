"""Endpoints and event filters by the rules of the sheet, and what then goes where."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from integrations.connections.models import Workspace
from integrations.events import services
from integrations.events.facts import facts_of
from integrations.events.models import Endpoint, Event, EventFilter, EventPolicy
from integrations.events.refusals import Missing, Refused
from integrations.events.selectors.feed import feed
from integrations.events.selectors.subscriptions import subscriptions
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, filtering, subscribing
from integrations.outbox.models import Delivery, Destination
from integrations.workorders.services import put_work_order
from tests.events import payloads
from tests.factories import make_connection

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
C1, C2, C3 = payloads.camera(1), payloads.camera(2), payloads.camera(3)


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


def websocket(space: int, name: str = "a", **values: Any) -> Endpoint:
    return subscribing.create_websocket(space, name=name, now=NOON, **values)


def webhook(space: int, **values: Any) -> Endpoint:
    defaults: dict[str, Any] = {"name": "h", "url": "https://hook.example/omni", "now": NOON}
    return subscribing.create_webhook(space, **defaults | values)


def narrowed(space: int, *endpoints: Endpoint, **given: Any) -> EventFilter:
    ids = [each.pk for each in endpoints]
    return filtering.create_filter(space, given=given, name="f", endpoint_ids=ids, now=NOON).filter


def told(space: int, endpoint: Endpoint) -> list[str]:
    """The ids of the events that an endpoint gets, in order."""
    sequence_all()
    index = subscriptions(space).index
    events = Event.objects.numbered().filter(workspace_id=space).order_by("seq")
    return [str(each.uuid) for each in events if str(endpoint.pk) in index.endpoints(facts_of(each))]


def ids(*numbers: int) -> list[str]:
    return [payloads.event_id(number) for number in numbers]


def test_o01_a_websocket_endpoint_is_made(space: int) -> None:
    endpoint = websocket(space)

    endpoint.refresh_from_db()
    assert (endpoint.type, endpoint.meta) == ("WEB_SOCKET", {})
    assert endpoint.created_at == endpoint.modified_at == NOON


def test_o02_a_webhook_endpoint_is_made(space: int) -> None:
    endpoint = webhook(space, method="POST")

    endpoint.refresh_from_db()
    assert endpoint.type == "WEB_HOOK"
    assert endpoint.meta == {"url": "https://hook.example/omni", "method": "POST"}
    assert endpoint.destination
    assert endpoint.destination.uid == endpoint.pk


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://user:secret@hook.example/"}, "url"),
        ({"url": "https://hook.example/" + "x" * 2048}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"method": "TRACE"}, "method"),
        ({"method": "post"}, "method"),
    ],
)
def test_o03_o04_a_webhook_with_a_wrong_argument_is_refused_by_name(space: int, values: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        webhook(space, **values)

    assert set(refused.value.errors) == {field}
    assert not Endpoint.objects.exists()
    assert not Destination.objects.exists()


def test_an_endpoint_has_only_what_its_type_has(space: int) -> None:
    for endpoint, field in ((websocket(space), "url"), (webhook(space), "auth"), (webhook(space), "type")):
        with pytest.raises(Refused) as refused:
            subscribing.update_endpoint(space, endpoint.pk, now=NOON, **{field: "open"})
        assert set(refused.value.errors) == {field}


def test_a_webhook_keeps_its_id_and_its_backlog_when_it_moves(space: int) -> None:
    endpoint = webhook(space)
    services.ingest(space, [payloads.handed(1)], now=NOON)
    sequence_all()

    subscribing.update_endpoint(space, endpoint.pk, url="https://other.example/", name="b", now=NOON)

    delivery = Delivery.objects.get()
    assert delivery.state == "WAITING"
    assert (delivery.destination.url, delivery.destination.name) == ("https://other.example/", "b")


def test_what_matches_is_queued_for_a_webhook_with_the_body_of_the_push(space: int) -> None:
    endpoint = webhook(space)
    narrowed(space, endpoint, cameraIds=[C1])

    services.ingest(space, [payloads.pushed(1), payloads.handed(2, source=2)], now=NOON)
    sequence_all()

    event = Event.objects.get(uuid=payloads.event_id(1))
    message = Delivery.objects.get().message
    assert (message.uid, message.type) == (str(event.uuid), "identification")
    assert message.body == subscriptions(space).wire.body(event)
    assert message.cursor == feed(space, limit=1).next


def test_o42_what_is_not_numbered_yet_is_queued_by_whoever_numbers_it(space: int) -> None:
    webhook(space)
    services.ingest(space, [payloads.handed(1)], now=NOON)

    assert not Delivery.objects.exists()
    sequence_all()
    sequence_all()

    assert Delivery.objects.count() == 1


def test_o38_what_is_withheld_is_not_queued(space: int) -> None:
    webhook(space)
    EventPolicy.objects.create(workspace_id=space, deleted_profile="drop")
    directory.put_profile(space, UUID(payloads.PROFILE), now=NOON)
    directory.delete_profile(space, UUID(payloads.PROFILE), now=NOON)

    services.ingest(space, [payloads.seen(1)], now=NOON)
    sequence_all()

    assert Event.objects.numbered().count() == 1
    assert not Delivery.objects.exists()


def test_a_deleted_webhook_drops_what_waits(space: int) -> None:
    endpoint = webhook(space)
    services.ingest(space, [payloads.handed(1)], now=NOON)
    sequence_all()

    subscribing.delete_endpoints(space, [endpoint.pk], by="me", now=NOON)
    services.ingest(space, [payloads.handed(2)], now=NOON)
    sequence_all()

    assert [each.state for each in Delivery.objects.all()] == ["DROPPED"]


def test_a_new_websocket_asks_for_a_key_unless_the_workspace_says_otherwise(space: int) -> None:
    closed = websocket(space)
    EventPolicy.objects.create(workspace_id=space, websocket_auth="open")
    opened = websocket(space)

    assert subscribing.opens(closed, closed.access)
    assert not subscribing.opens(closed, "")
    assert not subscribing.opens(closed, opened.access)
    assert subscribing.opens(opened, "")


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb"])
def test_an_endpoint_without_a_name_of_one_line_is_refused(space: int, name: str) -> None:
    with pytest.raises(Refused) as refused:
        websocket(space, name)

    assert set(refused.value.errors) == {"name"}
    assert not Endpoint.objects.exists()


def test_o07_an_endpoint_of_another_workspace_is_not_found_and_unchanged(space: int) -> None:
    other = Workspace.objects.create(slug="two", name="Two").pk
    ours, theirs = websocket(other), websocket(space)

    for attempt in (
        lambda: subscribing.delete_endpoints(other, [ours.pk, theirs.pk], by="b", now=NOON),
        lambda: subscribing.update_endpoint(other, theirs.pk, name="b", now=NOON),
        lambda: subscribing.update_endpoint(other, "no id", name="b", now=NOON),
        lambda: subscribing.renew_access(other, uuid4(), now=NOON),
    ):
        with pytest.raises(Missing):
            attempt()

    assert set(Endpoint.objects.values_list("pk", "name")) == {(ours.pk, "a"), (theirs.pk, "a")}


def test_o09_cameras_of_a_filter_are_alternatives(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, cameraIds=[C1, C2])

    services.ingest(space, [payloads.handed(number, source=number) for number in (1, 2, 3)], now=NOON)

    assert told(space, endpoint) == ids(1, 2)


def test_o10_cameras_and_types_must_both_hold(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, cameraIds=[C1], eventTypes=["ROI"])
    items = [payloads.handed(1), payloads.handed(2, type="har"), payloads.handed(3, source=2)]

    services.ingest(space, items, now=NOON)

    assert told(space, endpoint) == ids(1)


def test_o11_a_watchlist_matches_whoever_is_in_it_and_trims_nothing(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, profileGroupIds=[payloads.GROUP])
    one, two = payloads.GROUP, payloads.OTHER_GROUP
    items = [payloads.pushed(number, groups=groups) for number, groups in enumerate([(one,), (two,), (one, two)], 1)]

    services.ingest(space, items, now=NOON)

    assert told(space, endpoint) == ids(1, 3)
    groups = Event.objects.get(uuid=payloads.event_id(3)).payload["candidates"][0]["profile_groups"]
    assert [each["id"] for each in groups] == [one, two]


def test_o12_a_watchlist_lets_no_event_without_candidates_through(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, profileGroupIds=[payloads.GROUP])

    services.ingest(space, [payloads.handed(1, type="non_identification")], now=NOON)

    assert told(space, endpoint) == []


def test_o13_two_filters_that_match_are_one_delivery(space: int) -> None:
    endpoint = websocket(space)
    for given in ({"cameraIds": [C1]}, {"eventTypes": ["roi"]}):
        narrowed(space, endpoint, **given)

    services.ingest(space, [payloads.handed(1)], now=NOON)

    assert told(space, endpoint) == ids(1)


def test_o14_one_filter_serves_two_endpoints(space: int) -> None:
    one, two = websocket(space), websocket(space)
    narrowed(space, one, two, cameraIds=[C1])

    services.ingest(space, [payloads.handed(1), payloads.handed(2, source=2)], now=NOON)

    assert told(space, one) == told(space, two) == ids(1)


def test_o15_without_its_last_filter_an_endpoint_gets_everything_and_that_is_said(space: int) -> None:
    endpoint = websocket(space, "gate")
    first = filtering.create_filter(space, given={"cameraIds": [C1]}, endpoint_ids=[endpoint.pk], now=NOON)

    said = filtering.delete_filters(space, [first.filter.pk])
    services.ingest(space, [payloads.handed(1, source=2)], now=NOON)

    assert first.warnings == ["“gate” received every event until now; from now on it receives those that match."]
    assert said == ["“gate” has no filter left: from now on it receives every event of the workspace."]
    assert told(space, endpoint) == ids(1)


def test_o16_the_id_of_a_deleted_camera_stays_in_the_filter(space: int) -> None:
    endpoint = websocket(space)
    directory.put_camera(space, UUID(C1), title="North gate", now=NOON)
    row = narrowed(space, endpoint, cameraIds=[C1])

    directory.delete_camera(space, UUID(C1))
    services.ingest(space, [payloads.handed(1, source=2)], now=NOON)

    row.refresh_from_db()
    assert row.camera_ids == [C1]
    assert told(space, endpoint) == []


def test_o17_an_edit_holds_for_what_is_ingested_after_it(space: int) -> None:
    endpoint = websocket(space)
    row = narrowed(space, endpoint, cameraIds=[C1])
    services.ingest(space, [payloads.handed(1)], now=NOON)
    assert told(space, endpoint) == ids(1)

    saved = filtering.update_filter(space, row.pk, given={"cameraIds": [C2]}, now=NOON + timedelta(seconds=1))
    services.ingest(space, [payloads.handed(2), payloads.handed(3, source=2)], now=NOON)

    assert told(space, endpoint) == ids(3)
    assert saved.filter.modified_at > saved.filter.created_at


def test_o39_a_watchlist_filter_matches_the_last_groups_of_a_deleted_profile(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, profileGroupIds=[payloads.GROUP])
    directory.put_profile(space, UUID(payloads.PROFILE), watchlists=[UUID(payloads.GROUP)], now=NOON)
    directory.delete_profile(space, UUID(payloads.PROFILE), now=NOON)

    services.ingest(space, [payloads.seen(1)], now=NOON)

    assert told(space, endpoint) == ids(1)


def test_types_are_read_in_any_case_and_kept_in_capitals_once(space: int) -> None:
    row = narrowed(space, eventTypes=["roi", "ROI", "Har"], cameraIds=[C1.upper(), C1])

    assert row.event_types == ["ROI", "HAR"]
    assert row.camera_ids == [C1]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"eventTypes": ["SMOKE"]}, "eventTypes", "Allowed: IDENTIFICATION, NON_IDENTIFICATION, HAR"),
        ({"eventTypes": ["nothing.*"]}, "eventTypes", "is not an event type"),
        ({"eventTypes": "ROI"}, "eventTypes", "list of texts"),
        ({"cameraIds": ["gate"]}, "cameraIds", "ids are UUIDs"),
        ({"cameraIds": [C1] * 1001}, "cameraIds", "at most 1000"),
        ({"workOrder": {"colour": ["red"]}}, "workOrder", "has no field colour"),
        ({"workOrder": []}, "workOrder", "fields of the work order"),
        ({"confidence": [1]}, "confidence", "no such condition"),
    ],
)
def test_a_condition_that_is_wrong_is_refused_by_name(space: int, given: Any, field: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        narrowed(space, **given)

    assert said in refused.value.errors[field]
    assert not EventFilter.objects.exists()


def test_an_endpoint_of_another_workspace_refuses_the_whole_filter(space: int) -> None:
    theirs = websocket(Workspace.objects.create(slug="two", name="Two").pk)
    ours = websocket(space)
    kept = narrowed(space, ours, cameraIds=[C1])

    for change in (
        lambda: narrowed(space, ours, theirs),
        lambda: filtering.update_filter(space, kept.pk, given={}, endpoint_ids=[theirs.pk], now=NOON),
    ):
        with pytest.raises(Refused, match="no such endpoint in this workspace"):
            change()

    kept.refresh_from_db()
    assert kept.camera_ids == [C1]
    assert [*kept.endpoints.all()] == [ours]
    assert EventFilter.objects.count() == 1


def test_deleting_an_endpoint_leaves_its_filters(space: int) -> None:
    endpoint = websocket(space)
    row = narrowed(space, endpoint, cameraIds=[C1])

    subscribing.delete_endpoints(space, [endpoint.pk], by="me", now=NOON)

    row.refresh_from_db()
    assert not row.endpoints.exists()
    assert row.camera_ids == [C1]


def test_own_events_are_filtered_by_parts_of_their_type_and_by_their_work_order(space: int) -> None:
    endpoint = websocket(space)
    narrowed(space, endpoint, eventTypes=["WorkOrder.*"], workOrder={"site": ["Lyon"]})
    own: dict[str, Any] = {"workspace_id": space, "occurred_at": NOON, "payload": {}}
    events = [services.publish(type=type, **own) for type in ("workorder.updated", "session.updated")]
    sequence_all()
    Event.objects.update(about={"site": "Lyon"})

    assert told(space, endpoint) == [str(events[0].uuid)]


def test_an_event_of_a_work_order_knows_what_the_order_was_like(space: int) -> None:
    system = make_connection(platform="generic")
    put_work_order(system=system, external_id="WO-7", values={"site": "Lyon"}, now=NOON)
    sequence_all()

    assert Event.objects.get().about == {"site": "Lyon", "number": "WO-7"}
