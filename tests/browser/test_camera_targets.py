"""A real browser reads every address that we allow as we do, and it is the browser that goes there."""

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Page

from integrations.camera.protocol.targets import Allowed, judge
from tests.camera.protocol.redirects import ATTEMPTS, DEFAULT, ENTRIES, FRIENDS

pytestmark = pytest.mark.browser

ORIGINS = {
    "https://fsm.example.com", "https://forms.example.com", "https://ops.example.com:8443", "http://localhost:8000"
}  # fmt: skip
ODD = [
    "\\", "@", "%2e", "%2f", "..", "/..", "%09", "\t", "\n", "\r", " ", "//", "evil.org", "@evil.org", ":81", "#", "?",
    "\u3002", "\uff45", "\u00ad", "\u200d", "%5c", ";", ".", "\uff0f", "\x00", "\x7f", "%zz", "&", "xn--", "[", "'",
]  # fmt: skip
READ = """addresses => addresses.map(each => {
    try { const url = new URL(each); return [url.protocol, url.origin, url.username + url.password, url.pathname] }
    catch { return ["", "", "", ""] }
})"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def _mixtures() -> list[str]:
    """Every friend with every odd piece at every joint of its address."""
    joints = [(uri[:at], uri[at:]) for uri in FRIENDS for at in range(min(len(uri), 40) + 1)]
    return [*ATTEMPTS, *FRIENDS, *(each.join(joint) for joint, each in product(joints, ODD))]


def test_a27_chromium_reads_an_allowed_address_as_we_do(page: Page) -> None:
    allowed = [each for each in _mixtures() if isinstance(judge(each, default=DEFAULT, entries=ENTRIES), Allowed)]
    assert len(allowed) > 1000

    for uri, (protocol, origin, user, path) in zip(allowed, page.evaluate(READ, allowed), strict=True):
        assert user == "", uri
        assert protocol == "fsmapp:" or origin in ORIGINS, uri
        if origin == "https://forms.example.com":
            assert path == "/jobs" or path.startswith("/jobs/"), uri
