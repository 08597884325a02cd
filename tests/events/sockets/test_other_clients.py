"""The websocket with two more clients that no one here wrote: a browser, and the package `ws` on Node."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from integrations.events.models import Endpoint
from integrations.events.services import subscribing
from tests.events import payloads
from tests.events.sockets.conftest import NOON, Server, ingest

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent / "node"

LISTEN = """
([address, count]) => new Promise((done) => {
  const found = [], socket = new WebSocket(address);
  socket.onopen = () => { window.opened = true; };
  socket.onmessage = (message) => {
    found.push(JSON.parse(message.data).event.id);
    if (found.length === count) socket.close(1000);
  };
  socket.onclose = (event) => done({found, code: event.code});
})
"""


@pytest.mark.browser
def test_a_browser_hears_events(served: Server, door: Endpoint, space: int, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{served.port}/healthz")
    asked = json.dumps([served.url(door), 2])
    page.evaluate(f"window.heard = null; ({LISTEN})({asked}).then((all) => window.heard = all); 0")
    page.wait_for_function("window.opened")

    ingest(space, 1, 2)
    page.wait_for_function("window.heard")

    assert page.evaluate("window.heard.found") == [payloads.event_id(1), payloads.event_id(2)]
    page.close()


@pytest.mark.browser
def test_a_browser_learns_why_it_was_refused(served: Server, space: int, browser: Browser) -> None:
    kept = subscribing.create_websocket(space, name="kept", now=NOON, auth="token", ws_errors="close_codes")
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{served.port}/healthz")

    assert page.evaluate(LISTEN, [served.url(kept, access="wrong"), 1]) == {"found": [], "code": 4401}
    page.close()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds the package `ws`, as locked."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no Node on this machine: `ws` is its client")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "listen.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if installed.returncode != 0:
        pytest.skip("npm cannot install `ws` here")
    return folder


def test_the_client_of_node_hears_events(served: Server, door: Endpoint, space: int, node: Path) -> None:
    command = ["node", "listen.mjs", served.url(door), "3"]
    with (
        ThreadPoolExecutor(1) as beside,
        subprocess.Popen(command, cwd=node, stdout=subprocess.PIPE, text=True) as client,
    ):
        assert client.stdout is not None
        assert beside.submit(client.stdout.readline).result(timeout=20) == "open\n"

        ingest(space, 1, 2, 3)

        heard = json.loads(beside.submit(client.stdout.readline).result(timeout=20))
    assert heard == [payloads.event_id(1), payloads.event_id(2), payloads.event_id(3)]
    assert client.returncode == 0
