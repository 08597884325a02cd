"""Doubles of vendors' systems over real HTTP, and the line that writes into them."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from integrations.sync import plans
from tests.platforms.worklink.conftest import make_house, postbox_server
from tests.platforms.worklink.postbox import Postbox
from tests.simulators.running import RunningWorkLink
from tests.sync.conftest import Time, time
from tests.systems.line import Line

__all__ = ["postbox_server", "time"]

MakeLine = Callable[[Connection, str], Line]


@pytest.fixture
def make_line(
    cms: RunningWorkLink, postbox_server: tuple[str, Postbox], time: Time, settings: Settings
) -> Iterator[MakeLine]:
    """Make a line to a connection: sessions name one of its work orders."""
    url, postbox = postbox_server

    def make(connection: Connection, number: str) -> Line:
        house = make_house(cms, connection, door=url, postbox=postbox)
        house.connection.settings = {"system": connection.slug}
        house.connection.save()
        return Line(house, time, number)

    yield make
    plans.forget()
