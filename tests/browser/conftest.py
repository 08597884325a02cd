"""A real Chromium on our own pages. With SCREENSHOTS set to a folder, each visited page is saved there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page

from tests.browser.camera_phone import FLAGS, phone, world  # noqa: F401  fixtures
from tests.chromium import chromium


@pytest.fixture(scope="session")
def camera_browser(browser: Browser) -> Iterator[Browser]:
    """Another Chromium, with a camera that is not real: flags are the process's."""
    opened = browser.browser_type.launch(executable_path=chromium(), args=["--no-sandbox", *FLAGS])
    yield opened
    opened.close()


class Visitor:
    """Someone who is signed in; remembers what the browser complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, path
        self.page.wait_for_selector(".script-editor[aria-busy]", state="detached")
        return self.page

    def widths(self) -> tuple[int, int]:
        measured: list[int] = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return measured[0], measured[1]

    def save(self, name: str) -> None:
        save(self.page, name)


def save(page: Page, name: str) -> None:
    """Keep a picture of the whole page where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def visitor(browser: Browser, live_server: Any) -> Iterator[Visitor]:
    user = User.objects.create_superuser("anna", password="x")
    client = Client()
    client.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield Visitor(context.new_page(), live_server.url)
    context.close()
