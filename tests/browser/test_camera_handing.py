"""From the field app through us to the vendor's own camera, and back, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings

from integrations.camera import hand_overs
from integrations.camera.models import Callback, Engine, HandOver, Input, TaskGroup, Visit
from integrations.core.drain import drain
from integrations.core.work import WorkState
from tests.browser.camera_phone import SIZE
from tests.browser.conftest import save
from tests.browser.test_camera_look import THEMES, wrong_with
from tests.camera.making import make_token
from tests.camera.phone import parameters
from tests.platforms.deepomatic.conftest import make_vendor_connection
from tests.simulators.running import RunningDeepomatic, running_deepomatic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATE = "eyJhIjoxfQ=="


@pytest.fixture
def vendor(settings: Settings, tmp_path: Path, live_server: Any) -> Iterator[RunningDeepomatic]:
    settings.PUBLIC_URL = live_server.url
    settings.DATA_DIR, settings.DISK_MIN_FREE_MB = tmp_path, 0
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    with running_deepomatic() as running:
        port = urlsplit(running.url).port
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, f"127.0.0.1:{port}", f"localhost:{port}"]
        yield running


@pytest.fixture
def page(camera_browser: Browser) -> Iterator[Page]:
    context = camera_browser.new_context(viewport=SIZE, has_touch=True, is_mobile=True, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def test_a_photo_is_taken_at_the_vendors_and_told_to_the_field_app(
    page: Page, vendor: RunningDeepomatic, live_server: Any
) -> None:
    app = f"{live_server.url}/healthz"
    _, token = make_token(default_callback=app)
    TaskGroup.objects.update(engine=Engine.HAND_OVER, engine_connection=make_vendor_connection(vendor))
    vendor.control.answer(seal_present=False)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "policy" in message.text.lower() else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    query = f"task_group_name=meter_front&state={STATE}&callback_URI={quote(app + '?job=7', safe='')}"

    page.goto(f"{live_server.url}/field/connector/work_item/create?{query}#token={token}")
    page.get_by_role("heading", name="Opening the camera…").wait_for()
    wrong = looks(page, "opening")
    handed = page.url
    work(page)
    page.get_by_role("button", name="Take a picture").wait_for()
    page.goto(handed)
    page.get_by_role("link", name="Open the camera again").wait_for()
    wrong += looks(page, "away")
    page.get_by_role("link", name="Open the camera again").click()
    page.get_by_role("button", name="Take a picture").click()
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="Reading the result…").wait_for()
    wrong += looks(page, "reading")
    work(page)
    page.wait_for_url(f"{app}?job=7&**")

    made = Input.objects.get()
    told = parameters(page.url)
    assert (told["job"], told["state"], told["input_id"]) == ("7", STATE, str(made.uuid))
    assert (told["status"], told["work_item_score"]) == ("analysis_ko", "50")
    assert Callback.objects.get().url == page.url
    assert Visit.objects.count() == 1
    assert not wrong, "\n".join(wrong)
    assert complaints == []


def looks(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page in either theme."""
    wrong = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        save(page, f"handing-{name}-{theme}")
        wrong += [f"{name}, {theme}: {each}" for each in wrong_with(page)]
    return wrong


def work(page: Page) -> None:
    """Be the worker, as soon as there is something to do."""
    for _ in range(150):
        if HandOver.objects.filter(state=WorkState.DUE).exists():
            break
        page.wait_for_timeout(100)
    assert drain(HandOver, hand_overs.run) == 1
