"""A phone with a (fake) camera in front of the camera page, and the page's server beside it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.camera_double import World, running

CREATE = "/field/connector/work_item/create?task_group_name=meter_front&state=eyJhIjoxfQ=="
SIZE: ViewportSize = {"width": 390, "height": 844}
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP camera.test 127.0.0.1",
)
EXPECTED = ("Failed to load resource", "net::ERR")


class Phone:
    """One tab of one phone. Remembers what the browser complained of, network failures aside."""

    def __init__(self, context: BrowserContext, world: World, port: int) -> None:
        self.context, self.world, self.port = context, world, port
        self.complaints: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED):
            self.complaints.append(message.text)

    def open(self, path: str = CREATE, *, token: str = "good", host: str = "localhost") -> Page:
        self.page.goto(f"http://{host}:{self.port}{path}{token and '#token='}{token}")
        return self.page

    def take(self) -> None:
        """Take a photo and look at it."""
        self.page.get_by_role("button", name="Take a photo").click()
        expect(self.heading("Use this photo?")).to_be_visible()

    def send(self) -> None:
        self.take()
        self.page.get_by_role("button", name="Use this photo").click()

    def heading(self, name: str) -> Any:
        return self.page.get_by_role("heading", name=name, exact=True)

    def sees(self, name: str) -> None:
        expect(self.heading(name)).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def save(self, name: str) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/camera-{name}.png")

    def kept(self) -> int:
        """Return how many photos the device keeps."""
        count: int = self.page.evaluate(
            """() => new Promise((done) => {
                const asked = indexedDB.open("fieldport-camera", 1);
                asked.onsuccess = () => {
                    const rows = asked.result.transaction("photos").objectStore("photos").count();
                    rows.onsuccess = () => { asked.result.close(); done(rows.result); };
                };
            })"""
        )
        return count


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def phone(camera_browser: Browser, world: World) -> Iterator[Phone]:
    with running(world) as port:
        context = camera_browser.new_context(viewport=SIZE, has_touch=True, is_mobile=True, locale="en-GB")
        yield Phone(context, world, port)
        context.close()
