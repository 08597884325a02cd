"""One Chromium for all tests of a process."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

PLACES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Return the path of an installed Chromium, or "" where there is none."""
    return os.environ.get("CHROMIUM", "") or next((found for name in PLACES if (found := shutil.which(name))), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not chromium():
        pytest.skip("no Chromium on this machine (CHROMIUM names another place)")
    with sync_playwright() as play:
        # Playwright's loop runs in this thread; Django would take our own queries for ones inside that loop.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        opened = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
