from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import AuthKind, Connection
from integrations.connections.services import open_client
from integrations.platforms.deepomatic.client import DeepomaticClient
from tests.camera.making import make_connection
from tests.simulators.deepomatic.state import API_KEY, CONNECTOR_TOKEN
from tests.simulators.running import RunningDeepomatic, running_deepomatic


@pytest.fixture(scope="session")
def vendor_server() -> Iterator[RunningDeepomatic]:
    with running_deepomatic() as running:
        yield running


@pytest.fixture
def vendor(vendor_server: RunningDeepomatic, settings: Settings, tmp_path: Path) -> RunningDeepomatic:
    """An empty site that may be reached, and a folder of our own for photos."""
    vendor_server.control.reset()
    place = urlsplit(vendor_server.url)
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, place.netloc, f"localhost:{place.port}"]
    settings.DATA_DIR, settings.DISK_MIN_FREE_MB = tmp_path, 0
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return vendor_server


@pytest.fixture
def connection(db: None, vendor: RunningDeepomatic) -> Connection:
    return make_vendor_connection(vendor)


def make_vendor_connection(vendor: RunningDeepomatic, **settings: object) -> Connection:
    return make_connection(
        platform="deepomatic",
        slug="vendor",
        name="Vendor",
        base_url=vendor.url,
        auth_kind=AuthKind.PLATFORM,
        credentials={"api_key": API_KEY, "connector_token": CONNECTOR_TOKEN},
        settings={"camera_url": vendor.url, "file_hosts": [f"localhost:{urlsplit(vendor.url).port}"], **settings},
        rate_per_second=500,
        max_concurrency=20,
        settle_seconds=0.01,
    )


@pytest.fixture
def api(connection: Connection) -> DeepomaticClient:
    return DeepomaticClient(open_client(connection))
