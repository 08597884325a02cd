"""Endpoints and event filters in a real browser: made, copied, tried before they are saved, explained."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from integrations.connections.models import Workspace
from integrations.core import clock
from integrations.core.work import WorkState
from integrations.events import services
from integrations.events.models import Endpoint, Event, EventFilter, Picture
from integrations.events.sequencer import sequence_all
from integrations.events.services import directory, filtering, subscribing
from tests.browser.conftest import Visitor
from tests.browser.test_pages import complaints_of, faults_of
from tests.events import payloads
from tests.factories import make_connection

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PREVIEW = "What would it have matched in the last 24 hours?"


@pytest.fixture
def paths() -> dict[str, str]:
    space, now = Workspace.default().pk, clock.now()
    directory.put_camera(space, UUID(payloads.camera(1)), title="North gate", now=now)
    wall = subscribing.create_websocket(space, name="Video wall of the control room", now=now)
    hook = subscribing.create_webhook(space, name="Door", url=f"https://hook.example/{'long/' * 20}", now=now)
    subscribing.create_websocket(space, name="Everything", now=now)
    given = {"cameraIds": [payloads.camera(1), payloads.camera(7)], "eventTypes": ["ROI", "session.*"]}
    kept = filtering.create_filter(space, given=given, name="Gate", endpoint_ids=[wall.pk], now=now).filter
    har = {"eventTypes": ["HAR"], "workOrder": {"site": ["Lyon", "Basel"]}}
    filtering.create_filter(space, given=har, endpoint_ids=[hook.pk, wall.pk], now=now)
    services.ingest(space, [payloads.handed(number) for number in range(1, 4)], now=now - timedelta(hours=1))
    sequence_all()
    event = Event.objects.earliest("pk")
    pages = {
        "endpoints": "admin:events_endpoint_changelist",
        "endpoint_add": "admin:events_endpoint_add",
        "filters": "admin:events_eventfilter_changelist",
        "filter_add": "admin:events_eventfilter_add",
    }
    rows = {"socket": ("endpoint", wall), "webhook": ("endpoint", hook), "filter": ("eventfilter", kept)}
    changes = {name: (f"admin:events_{model}_change", row.pk) for name, (model, row) in rows.items()}
    return {
        **{f"events_{name}": reverse(view) for name, view in pages.items()},
        **{f"events_{name}": reverse(view, args=[pk]) for name, (view, pk) in changes.items()},
        "events_filter_delete": reverse("admin:events_eventfilter_delete", args=[kept.pk]),
        "events_event": reverse("admin:events_event_change", args=[event.pk]),
    }


@pytest.fixture
def pictures() -> dict[str, str]:
    platform = make_connection(platform="omni", name="Gate")
    services.ingest(Workspace.default().pk, [payloads.pushed(9)], now=clock.now(), pictures_from=platform.pk)
    failed = Picture.objects.earliest("pk")
    Picture.objects.filter(pk=failed.pk).update(state=WorkState.FAILED, note="It answered 410.")
    return {
        "events_recognised": reverse("admin:events_event_change", args=[Event.objects.latest("pk").pk]),
        "events_pictures": reverse("admin:events_picture_changelist"),
        "events_picture": reverse("admin:events_picture_change", args=[failed.pk]),
    }


def test_the_pages_of_events_are_accessible_fit_and_obey_the_policy(
    visitor: Visitor, paths: dict[str, str], pictures: dict[str, str]
) -> None:
    wrong = [sentence for name, path in (paths | pictures).items() for sentence in complaints_of(visitor, name, path)]

    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []


def test_a_filter_is_tried_before_it_is_saved(visitor: Visitor, paths: dict[str, str]) -> None:
    page = visitor.go(paths["events_filter_add"])
    page.get_by_label("Name:", exact=True).fill("Anyone")
    page.get_by_label("ROI", exact=True).check()
    page.get_by_label("Everything (websocket").check()

    page.get_by_role("button", name=PREVIEW).click()
    expect(page.get_by_text("3 of 3 events")).to_be_visible()
    wrong = faults_of(visitor, "events_preview")
    page.get_by_role("button", name="Save it").click()
    page.wait_for_url("**/eventfilter/**")

    saved = EventFilter.objects.get(name="Anyone")
    assert saved.event_types == ["ROI"]
    assert [each.name for each in saved.endpoints.all()] == ["Everything"]
    assert not wrong, "\n".join(wrong)
    assert visitor.complaints == []


def test_the_form_of_an_endpoint_asks_for_what_its_type_needs_and_copies_its_address(
    visitor: Visitor, paths: dict[str, str]
) -> None:
    page = visitor.go(paths["events_endpoint_add"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Type:", exact=True).select_option("WEB_HOOK")
    expect(page.get_by_label("Address:", exact=True)).to_be_visible()
    visitor.save("events_endpoint_add_webhook")
    page.get_by_label("Type:", exact=True).select_option("WEB_SOCKET")
    expect(page.get_by_label("Address:", exact=True)).to_be_hidden()
    page.get_by_label("Name:", exact=True).fill("Mobile")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/endpoint/")
    made = Endpoint.objects.get(name="Mobile")

    visitor.go(reverse("admin:events_endpoint_change", args=[made.pk]))
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied.endswith(f"/event-service/ws?endpoint_id={made.pk}&access={made.access}")
    assert visitor.complaints == []
