"""Taking recognition events in: once each, as they were then, committed before the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from integrations.connections.models import Workspace
from integrations.connections.services import issue_token
from integrations.events import services
from integrations.events.models import Event, EventPolicy, Sighting
from integrations.events.services import directory
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
URL = "/event-service/ingest/events"


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.default()


@pytest.fixture
def token() -> str:
    return issue_token("agent", scopes=["events:write"])[1]


def post(client: Client, items: Any, token: str) -> Any:
    body = items if isinstance(items, bytes) else json.dumps(items)
    return client.post(URL, body, content_type="application/json", headers={"token": token})


def test_o13_the_same_event_twice_is_kept_once_and_counted(client: Client, token: str) -> None:
    first = post(client, [payloads.handed(1), payloads.handed(2)], token)
    again = post(client, [payloads.handed(2), payloads.handed(3), payloads.handed(3)], token)

    assert (first.status_code, first.json()) == (202, {"accepted": 2, "duplicates": 0, "rejected": []})
    assert (again.status_code, again.json()) == (202, {"accepted": 1, "duplicates": 2, "rejected": []})
    assert Event.objects.count() == 3


def test_o14_an_id_with_another_body_is_rejected_and_the_first_stands(client: Client, token: str) -> None:
    post(client, [payloads.handed(1, type="roi")], token)

    answer = post(client, [payloads.handed(1, type="har"), payloads.handed(2)], token).json()

    assert answer["accepted"] == 1
    assert [each["index"] for each in answer["rejected"]] == [0]
    assert "the first one stands" in answer["rejected"][0]["reason"]
    assert Event.objects.get(uuid=payloads.event_id(1)).type == "roi"


def test_what_cannot_be_read_is_named_and_the_rest_is_taken(client: Client, token: str) -> None:
    answer = post(client, [payloads.handed(1), 5, payloads.handed(2) | {"source": "door"}], token)

    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [
            {"index": 1, "reason": "An event is a JSON object."},
            {"index": 2, "reason": "source is not a UUID."},
        ],
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[]", 400, "not_a_batch"),
        (b"{}", 400, "not_a_batch"),
        (b"[1", 400, "unreadable"),
        (b"[" * 100 + b"]" * 100, 400, "unreadable"),
        (b'[{"a": 1e999}]', 400, "unreadable"),
        (b"[" + b"1," * 500 + b"1]", 400, "not_a_batch"),
        (b'["' + b"x" * 1024 * 1024 + b'"]', 413, "too_large"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(client: Client, token: str, body: bytes, status: int, code: str) -> None:
    answer = post(client, body, token)

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert not Event.objects.exists()


def test_o43_nobody_hands_events_in_without_a_token_for_it(client: Client) -> None:
    reader = issue_token("reader", scopes=["events:read"])[1]

    answers = [post(client, [payloads.handed()], token) for token in ("", "wrong", reader)]

    assert [each.status_code for each in answers] == [401, 401, 403]
    assert not Event.objects.exists()


def test_a_token_may_come_as_bearer_too(client: Client, token: str) -> None:
    bearer = {"authorization": f"Bearer {token}"}

    answer = client.post(URL, json.dumps([payloads.handed()]), content_type="application/json", headers=bearer)

    assert answer.status_code == 202


def test_an_id_is_known_within_its_workspace_only(workspace: Workspace) -> None:
    other = Workspace.objects.create(slug="two", name="Two")

    for each in (workspace, other):
        assert services.ingest(each.pk, [payloads.handed()], now=NOON).accepted == 1


def test_camera_and_candidates_are_kept_as_they_are_known_now(workspace: Workspace) -> None:
    camera_id, profile_id, group_id = map(UUID, (payloads.camera(), payloads.PROFILE, payloads.GROUP))
    directory.put_camera(workspace.pk, camera_id, title="North gate", agent_id=UUID(payloads.AGENT), now=NOON)
    directory.put_watchlist(workspace.pk, group_id, title="Staff", color="red.600", now=NOON)
    directory.put_profile(workspace.pk, profile_id, age=41, gender="FEMALE", watchlists=[group_id], now=NOON)

    services.ingest(workspace.pk, [payloads.seen()], now=NOON)
    directory.put_profile(workspace.pk, profile_id, watchlists=[], now=NOON)
    directory.put_camera(workspace.pk, camera_id, title="South gate", now=NOON)

    event = Event.objects.get()
    assert event.agent_id == UUID(payloads.AGENT)
    assert event.payload["camera"]["title"] == "North gate"
    candidate = event.payload["candidates"][0]
    assert candidate["profile_groups"] == [{"id": payloads.GROUP, "color": "red.600"}]
    assert (candidate["profile"]["age"], candidate["profile"]["gender"]) == (41, "FEMALE")


def test_o16_an_unknown_camera_is_kept_with_its_bare_id(workspace: Workspace) -> None:
    services.ingest(workspace.pk, [payloads.handed()], now=NOON)

    camera = Event.objects.get().payload["camera"]
    assert camera == {
        "id": payloads.camera(),
        "type": None,
        "title": None,
        "stream": None,
        "real_name": None,
        "agent_id": None,
    }


def deleted_profile(workspace: Workspace) -> None:
    profile_id, group_id = UUID(payloads.PROFILE), UUID(payloads.GROUP)
    directory.put_watchlist(workspace.pk, group_id, color="red.600", now=NOON)
    directory.put_profile(workspace.pk, profile_id, age=41, watchlists=[group_id], now=NOON)
    directory.delete_profile(workspace.pk, profile_id, now=NOON)


def test_o39_a_deleted_profile_is_passed_on_bare_with_its_last_groups(workspace: Workspace) -> None:
    deleted_profile(workspace)

    services.ingest(workspace.pk, [payloads.seen()], now=NOON)

    event = Event.objects.get()
    bare = {"id": payloads.PROFILE, "age": None, "gender": None, "avatar_id": None, "main_sample_id": None}
    assert event.withheld == ""
    assert event.payload["candidates"] == [
        {
            "profile": bare,
            "profile_groups": [{"id": payloads.GROUP, "color": "red.600"}],
            "confidence": 0.91,
            "deleted": True,
        }
    ]


def test_o38_where_deleted_profiles_drop_the_event_stays_in_the_log_alone(workspace: Workspace) -> None:
    EventPolicy.objects.create(workspace=workspace, deleted_profile="drop")
    deleted_profile(workspace)

    services.ingest(workspace.pk, [payloads.seen(1), payloads.seen(2, payloads.event_id(77))], now=NOON)

    assert list(Event.objects.order_by("id").values_list("withheld", flat=True)) == ["Its profile was deleted.", ""]


def test_an_erased_profile_leaves_nothing(workspace: Workspace) -> None:
    deleted_profile(workspace)
    directory.delete_profile(workspace.pk, UUID(payloads.PROFILE), now=NOON, erase=True)

    services.ingest(workspace.pk, [payloads.seen()], now=NOON)

    assert Event.objects.get().payload["candidates"][0]["profile_groups"] == []


def test_an_unknown_type_is_kept(workspace: Workspace) -> None:
    services.ingest(workspace.pk, [payloads.handed(type="Smoke")], now=NOON)

    assert Event.objects.get().type == "smoke"


def test_a_date_that_is_off_by_more_than_a_day_is_kept_and_flagged(workspace: Workspace) -> None:
    dates = [NOON + timedelta(hours=hours) for hours in (-25, -23, 23, 25)]
    items = [payloads.handed(number, date=date.isoformat()) for number, date in enumerate(dates)]

    services.ingest(workspace.pk, items, now=NOON)

    assert [event.is_off_clock for event in Event.objects.order_by("id")] == [True, False, False, True]


def test_the_profiles_of_an_event_are_indexed(workspace: Workspace) -> None:
    services.ingest(workspace.pk, [payloads.seen(1), payloads.handed(2)], now=NOON)

    assert [str(each.profile_id) for each in Sighting.objects.all()] == [payloads.PROFILE]


def test_what_no_database_stores_is_replaced(workspace: Workspace) -> None:
    services.ingest(workspace.pk, [payloads.handed(note="a\0b\ud800")], now=NOON)

    assert Event.objects.get().payload["note"] == "a\ufffdb\ufffd"
