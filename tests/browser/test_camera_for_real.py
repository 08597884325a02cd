"""The camera page with its real server: from the field app and back to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings

from integrations.camera import jobs
from integrations.camera.engines import contract
from integrations.camera.engines.contract import Outcome, Picture, Verdict
from integrations.camera.models import AnalysisRun, Callback, FieldOrder, Input, Visit
from integrations.core.drain import drain
from tests.browser.camera_phone import SIZE
from tests.camera.making import make_token
from tests.camera.phone import parameters

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATE = "eyJhIjoxfQ=="


class Found:
    """An engine for which all is in order."""

    def analyse(self, photo: Picture, group: Any, *, report: Callable[[str], None]) -> Verdict:
        report("looking")
        return Verdict(outcomes=[Outcome(task.name, True) for task in group.tasks])


@pytest.fixture
def page(
    camera_browser: Browser, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    settings.DATA_DIR, settings.DISK_MIN_FREE_MB = tmp_path, 0
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    monkeypatch.setitem(contract._factories, "CODE", lambda _opening: Found())
    context = camera_browser.new_context(viewport=SIZE, has_touch=True, is_mobile=True, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    context.close()


def test_a_photo_is_taken_judged_and_told(page: Page, live_server: Any) -> None:
    app = f"{live_server.url}/healthz"
    _, token = make_token(default_callback=app)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    query = f"task_group_name=meter_front&state={STATE}&callback_URI={quote(app + '?job=7', safe='')}"

    page.goto(f"{live_server.url}/field/connector/work_item/create?{query}#token={token}")
    page.get_by_role("button", name="Take a photo").click()
    page.get_by_role("button", name="Use this photo").click()
    _judge(page)
    page.get_by_text("Seal present").first.wait_for()
    page.reload()
    page.get_by_text("Seal present").first.wait_for()
    assert complaints == []
    page.get_by_role("button", name="Go back", exact=True).click()
    page.wait_for_url(f"{app}?job=7&**")

    order, made = FieldOrder.objects.get(), Input.objects.get()
    assert parameters(page.url) == {
        "job": "7",
        "work_order_id": str(order.uuid),
        "work_item_id": str(made.item.uuid),
        "input_id": str(made.uuid),
        "status": "analysis_ok",
        "work_item_score": "100",
        "state": STATE,
    }
    assert Visit.objects.count() == 1
    assert Callback.objects.get().url == page.url


def _judge(page: Page) -> None:
    """Be the worker, as soon as the photo is here."""
    for _ in range(150):
        if AnalysisRun.objects.filter(state="DUE").exists():
            break
        page.wait_for_timeout(100)
    assert drain(AnalysisRun, jobs.run_analysis) == 1
    expect(page.locator("body")).not_to_contain_text("Take a photo")
