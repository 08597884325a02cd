"""Endpoints, event filters and the log over the API: what is particular to them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.events import services
from integrations.events.models import Endpoint, Event, EventFilter
from integrations.events.sequencer import sequence_all
from integrations.events.services import filtering, subscribing
from tests.api.calling import Call
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDPOINTS, FILTERS, EVENTS = "/api/v1/endpoints/", "/api/v1/event-filters/", "/api/v1/events/"


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


def ingest(space: int, *numbers: int) -> None:
    services.ingest(space, [payloads.handed(number, source=number % 2 + 1) for number in numbers], now=clock.now())
    sequence_all()


def test_the_log_is_read_page_by_page_each_event_as_it_is_pushed(call: Call, space: int) -> None:
    ingest(space, 1, 2, 3)

    first = call("get", f"{EVENTS}?limit=2").json()
    rest = call("get", f"{EVENTS}?after={first['next_cursor']}").json()
    after_one = call("get", f"{EVENTS}?after={first['events'][0]['cursor']}&limit=1").json()

    assert [event["seq"] for event in [*first["events"], *rest["events"]]] == [1, 2, 3]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["events"][0]["body"]["event"]["id"] == payloads.event_id(1)
    assert [event["seq"] for event in after_one["events"]] == [2]
    assert call("get", f"{EVENTS}?after={rest['next_cursor']}").json()["events"] == []


def test_the_log_of_an_endpoint_has_what_its_filters_let_through(call: Call, space: int) -> None:
    door = subscribing.create_websocket(space, name="door", now=NOON)
    filtering.create_filter(space, given={"cameraIds": [payloads.camera(1)]}, endpoint_ids=[door.pk], now=NOON)
    ingest(space, 1, 2, 3, 4)

    page = call("get", f"{EVENTS}?endpoint={door.pk}").json()
    unknown = call("get", f"{EVENTS}?endpoint={uuid4()}")

    assert [event["seq"] for event in page["events"]] == [2, 4]
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["endpoint"])


def test_an_overtaken_cursor_is_told_the_oldest_and_a_damaged_one_refused(call: Call, space: int) -> None:
    start = call("get", EVENTS).json()["next_cursor"]
    ingest(space, 1, 2)
    Event.objects.filter(seq=1).delete()

    gone, damaged = call("get", f"{EVENTS}?after={start}"), call("get", f"{EVENTS}?after=x")

    assert (gone.status_code, gone.json()["code"]) == (410, "cursor_expired")
    oldest = call("get", EVENTS).json()["oldest_cursor"]
    assert oldest in gone.json()["title"]
    assert [event["seq"] for event in call("get", f"{EVENTS}?after={oldest}").json()["events"]] == [2]
    assert (damaged.status_code, list(damaged.json()["errors"])) == (400, ["after"])


def test_endpoints_are_made_changed_and_deleted_and_no_key_is_shown(call: Call, space: int) -> None:
    socket = call("post", ENDPOINTS, {"type": "WEB_SOCKET", "name": "door"})
    hook = call("post", ENDPOINTS, {"type": "WEB_HOOK", "name": "hook", "url": "https://hook.example.test/a"}).json()
    url = f"{ENDPOINTS}{hook['id']}/"

    changed = call("patch", url, {"name": "other", "method": "PUT"}).json()
    deleted = call("delete", url)

    assert (socket.status_code, socket.json()["auth"], socket.json()["url"]) == (201, "token", None)
    assert Endpoint.objects.get(pk=socket.json()["id"]).access not in socket.content.decode()
    assert (hook["auth"], hook["ws_errors"], hook["method"]) == (None, None, "POST")
    assert (changed["name"], changed["method"], changed["url"]) == ("other", "PUT", "https://hook.example.test/a")
    assert (deleted.status_code, [str(row) for row in Endpoint.objects.all()]) == (204, ["door"])


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"type": "WEB_HOOK", "name": "a"}, "url"),
    ({"type": "WEB_HOOK", "name": "a", "url": "https://hook.example.test/", "auth": "open"}, "auth"),
    ({"type": "WEB_SOCKET", "name": "a", "url": "https://hook.example.test/"}, "url"),
    ({"type": "WEB_HOOK", "name": "a", "url": "ftp://hook.example.test/"}, "url"),
    ({"type": "WEB_SOCKET", "name": " \n "}, "name"),
]


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_an_endpoint_that_is_wrong_is_refused_by_field(call: Call, body: dict[str, Any], field: str) -> None:
    answer = call("post", ENDPOINTS, body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Endpoint.objects.exists()


def test_a_filter_says_what_it_did_to_endpoints_and_keeps_what_is_left_out(call: Call, space: int) -> None:
    door = subscribing.create_websocket(space, name="door", now=NOON)
    given = {"endpoints": [str(door.pk)], "event_types": ["roi"], "work_order": {"site": ["Lyon"]}}

    made = call("post", FILTERS, given).json()
    changed = call("patch", f"{FILTERS}{made['id']}/", {"camera_ids": [payloads.camera(1)]}).json()
    freed = call("patch", f"{FILTERS}{made['id']}/", {"endpoints": []}).json()

    assert made["warnings"] == [filtering.narrowed("door")]
    assert (changed["event_types"], changed["work_order"], changed["warnings"]) == (["ROI"], {"site": ["Lyon"]}, [])
    assert changed["camera_ids"] == [payloads.camera(1)]
    assert (freed["endpoints"], freed["warnings"]) == ([], [filtering.widened("door")])
    assert EventFilter.history.filter(id=made["id"]).count() == 3


def test_a_filter_that_is_wrong_is_refused_by_field(call: Call) -> None:
    answers = [
        call("post", FILTERS, {"event_types": ["nothing"]}),
        call("post", FILTERS, {"camera_ids": [7]}),
        call("post", FILTERS, {"work_order": {"colour": ["red"]}}),
        call("post", FILTERS, {"endpoints": [str(uuid4())]}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert [next(iter(answer.json()["errors"])).split("/")[0] for answer in answers] == [
        "event_types",
        "camera_ids",
        "work_order",
        "endpoints",
    ]
    assert not EventFilter.objects.exists()
