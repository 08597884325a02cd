"""A simulated WorkLink CMS whose webhooks come through the real door, and a system of record that keys belong to."""

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.connections.models import AuthKind, Connection
from integrations.inbox.asgi import application, close
from integrations.inbox.models import Verification, WebhookSource
from tests.platforms.worklink.house import House
from tests.platforms.worklink.postbox import Postbox
from tests.simulators.running import RunningWorkLink
from tests.simulators.serving import Served
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN


def make_worklink(url: str, **values: Any) -> Connection:
    """A connection to a CMS whose keys belong to the system of record "erp"."""
    defaults: dict[str, Any] = {
        "slug": "worklink",
        "name": "WorkLink",
        "platform": "worklink",
        "base_url": url,
        "auth_kind": AuthKind.PLATFORM,
        "credentials": {"token": ALL_GROUPS_TOKEN},
        "settings": {"system": "erp"},
        "rate_per_second": 500.0,
    }
    return Connection.objects.create(**defaults | values)


@pytest.fixture
def erp(db: None) -> Connection:
    """The system of record that link keys belong to; nothing is sent to it here."""
    return Connection.objects.create(slug="erp", name="ERP", platform="generic", base_url="https://erp.example.test")


@pytest.fixture(scope="session")
def postbox_server() -> Iterator[tuple[str, Postbox]]:
    postbox = Postbox()
    with Served([(postbox, 0)]) as served:
        yield served.urls[0], postbox


@pytest.fixture
def door(transactional_db: None) -> Iterator[str]:
    """The receiving application on a real socket; its base URL."""
    with Served([(application, 0)]) as served:
        yield served.urls[0]
    close()


@pytest.fixture
def house(cms: RunningWorkLink, postbox_server: tuple[str, Postbox], erp: Connection) -> House:
    """All of it together, in one thread and rolled back: the CMS sends generation A to a source of the connection."""
    url, postbox = postbox_server
    return make_house(cms, erp, door=url, postbox=postbox)


@pytest.fixture
def house_with_door(cms: RunningWorkLink, door: str, erp: Connection) -> House:
    """The same with the real door, which keeps webhooks in threads of its own."""
    return make_house(cms, erp, door=door)


def make_house(cms: RunningWorkLink, erp: Connection, **values: Any) -> House:
    connection = make_worklink(cms.url)
    source = WebhookSource.objects.create(connection=connection, name="A", verification=Verification.ADDRESS)
    house = House(cms=cms.control, url=cms.url, connection=connection, source=source, erp=erp, **values)
    cms.control.listen(house.address)
    return house
