"""Endpoints and event filters in the admin: made, shown, found, warned about, explained."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.events import services
from integrations.events.models import Endpoint, Event, EventFilter
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, filtering, subscribing
from tests.desk.people import signed_in
from tests.events import payloads

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDPOINTS, FILTERS = reverse("admin:events_endpoint_changelist"), reverse("admin:events_eventfilter_changelist")


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


@pytest.fixture
def client() -> Client:
    return signed_in("Integrator")


def socket(space: int, name: str = "gate", minute: int = 0) -> Endpoint:
    return subscribing.create_websocket(space, name=name, now=NOON + timedelta(minutes=minute))


def hook(space: int, name: str = "hook", minute: int = 0) -> Endpoint:
    now = NOON + timedelta(minutes=minute)
    return subscribing.create_webhook(space, name=name, url="https://hook.example/", now=now)


def names(answer: Any) -> list[str]:
    return [str(row) for row in answer.context["cl"].result_list]


def filled(space: int, **values: Any) -> dict[str, Any]:
    return {"workspace": space, "name": "roi", "recognised": ["ROI"], "own": "", "work_order_fields": ""} | values


def test_an_integrator_makes_an_endpoint_of_each_type(client: Client, space: int) -> None:
    shared = {"workspace": space, "auth": "open", "ws_errors": "http", "method": "PUT"}
    add = reverse("admin:events_endpoint_add")

    client.post(add, shared | {"type": "WEB_SOCKET", "name": "wall", "url": ""})
    client.post(add, shared | {"type": "WEB_HOOK", "name": "door", "url": "https://hook.example/in"})

    wall, door = Endpoint.objects.get(name="wall"), Endpoint.objects.get(name="door")
    assert (wall.auth, wall.meta) == ("open", {})
    assert door.meta == {"url": "https://hook.example/in", "method": "PUT"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"url": ""}, "A webhook needs an address."),
        ({"url": "ftp://x"}, "starts with https://"),
        ({"url": "http://127.0.0.1/"}, "loopback"),
        ({"method": "TRACE", "url": "https://hook.example/"}, "TRACE is not one of the available choices"),
        ({"name": "", "url": "https://hook.example/"}, "This field is required."),
    ],
)
def test_a_webhook_that_is_wrong_is_refused_at_its_field(client: Client, space: int, values: Any, said: str) -> None:
    form = {"workspace": space, "type": "WEB_HOOK", "name": "door", "method": "POST"}

    answer = client.post(reverse("admin:events_endpoint_add"), form | values)

    assert said in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_o05_the_card_has_the_short_id_the_whole_one_and_an_address_that_works(client: Client, space: int) -> None:
    endpoint = socket(space)

    page = client.get(reverse("admin:events_endpoint_change", args=[endpoint.pk]))

    text = page.content.decode()
    assert f'title="{endpoint.pk}" aria-label="Copy the id">{str(endpoint.pk)[:8]}</button>' in text
    assert f'<code id="endpoint-id">{endpoint.pk}</code>' in text
    address = f"ws://localhost:8000/event-service/ws?endpoint_id={endpoint.pk}&amp;access={endpoint.access}"
    assert address in text
    assert "no-store" in page["Cache-Control"]


def test_who_may_only_look_sees_no_key(space: int) -> None:
    endpoint = socket(space)

    page = signed_in("Viewer").get(reverse("admin:events_endpoint_change", args=[endpoint.pk])).content.decode()

    assert f"endpoint_id={endpoint.pk}" in page
    assert endpoint.access not in page


def test_a_new_key_replaces_the_old_one(client: Client, space: int) -> None:
    endpoint = socket(space)

    client.post(reverse("admin:events_endpoint_do", args=[endpoint.pk, "renew_key"]))

    renewed = Endpoint.objects.get()
    assert not subscribing.opens(renewed, endpoint.access)
    assert subscribing.opens(renewed, renewed.access)


def test_o06_endpoints_are_filtered_by_type_and_sorted_by_creation(client: Client, space: int) -> None:
    for minute, make in enumerate([socket, hook, socket, hook, socket]):
        make(space, f"{make.__name__} {minute}", minute)

    assert names(client.get(ENDPOINTS)) == ["socket 4", "hook 3", "socket 2", "hook 1", "socket 0"]
    assert names(client.get(ENDPOINTS, {"type": "WEB_HOOK"})) == ["hook 3", "hook 1"]
    assert names(client.get(ENDPOINTS, {"type": "WEB_HOOK", "o": "4"})) == ["hook 1", "hook 3"]


def test_endpoints_and_filters_are_found_by_several_ids(client: Client, space: int) -> None:
    rows = [socket(space, f"s{number}") for number in range(3)]
    filters = [filtering.create_filter(space, given={}, name=f"f{number}", now=NOON).filter for number in range(3)]

    found = names(client.get(ENDPOINTS, {"q": f"{rows[0].pk}, {str(rows[2].pk)[:8]}"}))

    assert set(found) == {"s0", "s2"}
    assert set(names(client.get(FILTERS, {"q": f"{filters[1].pk} {filters[2].pk}"}))) == {"f1", "f2"}
    assert names(client.get(ENDPOINTS, {"q": "s1"})) == ["s1"]


def test_o18_an_edited_filter_moves_to_the_newest_place(client: Client, space: int) -> None:
    rows = [
        filtering.create_filter(space, given={}, name=f"f{number}", now=NOON + timedelta(minutes=number)).filter
        for number in range(3)
    ]
    filtering.update_filter(space, rows[0].pk, name="f0", now=NOON + timedelta(hours=1))

    assert names(client.get(FILTERS, {"o": "-5"})) == ["f0", "f2", "f1"]
    assert names(client.get(FILTERS, {"o": "-4"})) == ["f2", "f1", "f0"]


def test_a_filter_is_made_from_the_form(client: Client, space: int) -> None:
    endpoint = socket(space)
    directory.put_camera(space, UUID(payloads.camera(1)), title="North gate", now=NOON)
    form = filled(
        space,
        endpoints=[endpoint.pk],
        cameras=[payloads.camera(1)],
        camera_ids_more=payloads.camera(2),
        own="workorder.*",
        work_order_fields="site = Lyon\nsite = Paris",
    )

    answer = client.post(reverse("admin:events_eventfilter_add"), form, follow=True)

    row = EventFilter.objects.get()
    assert row.camera_ids == [payloads.camera(1), payloads.camera(2)]
    assert (row.event_types, row.work_order) == (["ROI", "workorder.*"], {"site": ["Lyon", "Paris"]})
    assert [*row.endpoints.all()] == [endpoint]
    assert "“gate” received every event until now" in answer.content.decode()
    card = client.get(reverse("admin:events_eventfilter_change", args=[row.pk])).content.decode()
    assert f"North gate, {payloads.camera(2)} (missing)" in card


def test_saving_a_filter_unchanged_changes_nothing_but_its_date(client: Client, space: int) -> None:
    given = {"cameraIds": [payloads.camera(1)], "eventTypes": ["ROI", "session.*"], "workOrder": {"site": ["Lyon"]}}
    row = filtering.create_filter(space, given=given, name="f", now=NOON).filter
    form = client.get(reverse("admin:events_eventfilter_change", args=[row.pk])).context["adminform"].form
    sent = {name: form[name].value() or [] for name in form.fields if name != "everything"}

    client.post(reverse("admin:events_eventfilter_change", args=[row.pk]), sent)

    after = EventFilter.objects.get()
    assert (after.camera_ids, after.event_types, after.work_order) == (row.camera_ids, row.event_types, row.work_order)
    assert after.modified_at > row.modified_at


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"recognised": []}, "There is no condition. If that is meant, tick this."),
        ({"own": "nothing.*"}, "is not an event type"),
        ({"camera_ids_more": "gate"}, "ids are UUIDs"),
        ({"work_order_fields": "Lyon"}, "is not written as field = value"),
        ({"work_order_fields": "colour = red"}, "has no field colour"),
        ({"cameras": ["x"]}, "is not one of the available choices"),
        ({"workspace": "9" * 30}, "Select a valid choice"),
    ],
)
def test_a_filter_that_is_wrong_is_refused_at_its_field(client: Client, space: int, values: Any, said: str) -> None:
    answer = client.post(reverse("admin:events_eventfilter_add"), filled(space, **values))

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not EventFilter.objects.exists()


def test_before_it_is_saved_a_filter_shows_what_it_would_have_matched(client: Client, space: int) -> None:
    endpoint, now = socket(space), clock.now()
    items = [payloads.handed(1), payloads.handed(2), payloads.handed(3, type="har")]
    services.ingest(space, items, now=now - timedelta(hours=1))
    services.ingest(space, [payloads.handed(4)], now=now - timedelta(hours=25))
    sequence_all()
    form = filled(space, endpoints=[endpoint.pk])

    page = client.post(reverse("admin:events_eventfilter_preview"), form)

    text = page.content.decode()
    assert "2 of 3 events" in text
    assert "“gate” received every event until now" in text
    assert not EventFilter.objects.exists()
    client.post(page.context["back"], page.context["hidden"] and dict(filled(space, endpoints=[endpoint.pk])))
    assert EventFilter.objects.get().event_types == ["ROI"]


def test_a_preview_of_a_wrong_filter_says_what_is_wrong(client: Client, space: int) -> None:
    page = client.post(reverse("admin:events_eventfilter_preview"), filled(space, own="nothing.*"))

    assert "This cannot be tried yet" in page.content.decode()
    assert "is not an event type" in page.content.decode()


def test_a_viewer_cannot_try_or_make_filters(space: int) -> None:
    viewer = signed_in("Viewer")

    assert viewer.post(reverse("admin:events_eventfilter_preview"), filled(space)).status_code == 403
    assert viewer.post(reverse("admin:events_eventfilter_add"), filled(space)).status_code == 403
    assert not EventFilter.objects.exists()


def test_o15_the_page_warns_before_the_last_filter_of_an_endpoint_is_deleted(client: Client, space: int) -> None:
    endpoint = socket(space)
    row = filtering.create_filter(space, given={"eventTypes": ["ROI"]}, endpoint_ids=[endpoint.pk], now=NOON).filter
    url = reverse("admin:events_eventfilter_delete", args=[row.pk])

    before = client.get(url).content.decode()

    assert "“gate” has no filter left" in before
    assert "Its link to the endpoint “gate”" in before
    assert "object (" not in before
    assert EventFilter.objects.exists()
    client.post(url, {"post": "yes"})
    assert not EventFilter.objects.exists()


def test_a_deleted_endpoint_leaves_its_filters(client: Client, space: int) -> None:
    endpoint = hook(space)
    filtering.create_filter(space, given={"eventTypes": ["ROI"]}, endpoint_ids=[endpoint.pk], now=NOON)
    url = reverse("admin:events_endpoint_delete", args=[endpoint.pk])

    before = client.get(url).content.decode()
    assert "what waits to be sent is dropped" in before
    assert "Its link to the event filter" in before
    assert "object (" not in before
    client.post(url, {"post": "yes"})

    assert not Endpoint.objects.exists()
    assert EventFilter.objects.get().endpoints.count() == 0


def test_an_event_says_where_it_goes_and_why(client: Client, space: int) -> None:
    got, not_got = socket(space, "wall"), socket(space, "gate")
    socket(space, "everything")
    for endpoint, type in ((got, "ROI"), (not_got, "HAR")):
        filtering.create_filter(space, given={"eventTypes": [type]}, endpoint_ids=[endpoint.pk], now=NOON)
    services.ingest(space, [payloads.handed(1)], now=NOON)
    sequence_all()

    page = client.get(reverse("admin:events_event_change", args=[Event.objects.get().pk])).content.decode()

    assert "eventTypes: one of ROI; the event has ROI" in page
    assert "eventTypes: one of HAR; the event has ROI" in page
    assert "It has no filter: every event goes there." in page
    assert page.count("goes there</span>") == 2
    assert page.count("does not go there</span>") == 1


def test_an_event_shows_no_password_of_a_camera(client: Client, space: int) -> None:
    services.ingest(space, [payloads.pushed(1)], now=NOON)
    event = Event.objects.get()

    page = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()

    assert "rtsp://***@10.0.0.5/main" in page
    assert "secret" not in page
    assert "root:" not in page
