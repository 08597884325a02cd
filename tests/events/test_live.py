"""The live page: what is new since a cursor, as an endpoint gets it, and nothing of other workspaces."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Workspace
from integrations.events import services
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.events.services import filtering, subscribing
from tests.desk.people import signed_in
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVE = reverse("admin:events_event_live")


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


@pytest.fixture
def client() -> Client:
    return signed_in("Viewer")


def ingest(space: int, *numbers: int, source: int = 1) -> None:
    services.ingest(space, [payloads.handed(number, source=source) for number in numbers], now=NOON)
    sequence_all()


def shown(client: Client, **asked: str) -> tuple[list[int | None], str]:
    """Return the numbers of the events in an answer, and its cursor."""
    answer = client.get(LIVE, asked)
    assert answer.status_code == 200
    return [event.seq for event, _ in answer.context["rows"]], answer.context["next"]


def test_the_page_begins_with_the_newest_and_goes_on_from_its_cursor(space: int, client: Client) -> None:
    ingest(space, *range(1, 31))

    first, cursor = shown(client)
    ingest(space, 31, 32)
    second, cursor = shown(client, after=cursor)
    third, _ = shown(client, after=cursor)

    assert first == list(range(30, 10, -1))
    assert second == [32, 31]
    assert third == []


def test_an_endpoint_shows_what_its_filters_let_through(space: int, client: Client) -> None:
    endpoint = subscribing.create_websocket(space, name="gate", now=NOON)
    given = {"cameraIds": [payloads.camera(1)]}
    filtering.create_filter(space, given=given, now=NOON, endpoint_ids=[endpoint.pk])
    ingest(space, 1, source=1)
    ingest(space, 2, source=2)

    assert shown(client, endpoint=str(endpoint.pk))[0] == [1]
    assert shown(client, endpoint="nonsense")[0] == [2, 1]


def test_a_gap_is_said(space: int, client: Client) -> None:
    ingest(space, 1)
    _, cursor = shown(client)
    ingest(space, 2, 3)
    Event.objects.filter(seq__lte=2).delete()

    answer = client.get(LIVE, {"after": cursor})

    assert answer.context["gap"]
    assert [event.seq for event, _ in answer.context["rows"]] == [3]
    assert client.get(LIVE, {"after": "forged"}).context["gap"]


def test_another_workspace_shows_its_own_events_only(space: int, client: Client) -> None:
    other = Workspace.objects.create(slug="other", name="Other")
    ingest(space, 1)
    ingest(other.pk, 2)

    rows = client.get(LIVE, {"workspace": str(other.pk)}).context["rows"]

    assert [event.workspace_id for event, _ in rows] == [other.pk]
    assert shown(client, workspace="9" * 30)[0] == [1]


def test_who_may_not_see_events_sees_none(space: int) -> None:
    ingest(space, 1)

    assert Client().get(LIVE).status_code == 302
    rightless = Client()
    rightless.force_login(User.objects.create_user("nobody", is_staff=True))
    assert rightless.get(LIVE).status_code == 403


def test_what_an_event_says_is_shown_as_text(space: int, client: Client) -> None:
    services.publish(workspace_id=space, type="<b>x</b>", occurred_at=NOON, payload={}, subject="<i>y</i>")
    sequence_all()

    page = client.get(LIVE).content.decode()

    assert "<b>x</b>" not in page
    assert "<i>y</i>" not in page
    assert "&lt;b&gt;x" in page
