"""The live page in a real browser: events appear by themselves, pause holds them back, a type narrows them."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from integrations.connections.models import Workspace
from integrations.events import services
from integrations.events.sequencer import sequence_all
from tests.browser.conftest import Visitor
from tests.events import payloads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def ingest(number: int, type: str) -> None:
    services.ingest(Workspace.default().pk, [payloads.handed(number, type=type)], now=datetime.now(UTC))
    sequence_all()


def test_events_appear_are_held_back_and_narrowed(visitor: Visitor) -> None:
    page = visitor.go(reverse("admin:events_event_live"))
    page.wait_for_selector("text=Nothing came yet.")
    assert not Axe().run(page).response["violations"]

    ingest(1, "roi")
    page.wait_for_selector("#live tbody tr")
    page.keyboard.press("p")
    ingest(2, "crossing")
    page.wait_for_selector("text=Paused.")
    assert page.locator("#live tbody tr").count() == 1
    page.keyboard.press("p")
    page.wait_for_selector("#live tbody tr >> text=crossing")
    page.fill("#live-type", "cross")

    assert page.locator("#live tbody tr:visible").count() == 1
    page.set_viewport_size({"width": 360, "height": 740})
    scroll, width = visitor.widths()
    assert scroll <= width
    assert not Axe().run(page).response["violations"]
    visitor.save("live")
    assert not visitor.complaints
