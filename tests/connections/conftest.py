"""Connections to real local servers."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord, running_record

Make = Callable[..., Connection]
BEARER = {"Authorization": f"Bearer {BEARER_TOKEN}"}


@pytest.fixture(scope="session")
def record_server() -> Iterator[RunningRecord]:
    with running_record() as running:
        yield running


@pytest.fixture
def record(record_server: RunningRecord, settings: Settings) -> RunningRecord:
    """A system of record that may be reached."""
    record_server.control.reset()
    settings.OUTBOUND_ALLOW = [urlsplit(record_server.url).netloc]
    return record_server


@pytest.fixture
def connect(record: RunningRecord) -> Make:
    """Make a connection to the system of record."""

    def make(**values: Any) -> Connection:
        values = {"slug": "record", "name": "Record", "platform": "generic", "base_url": record.url} | values
        values.setdefault("rate_per_second", 500.0)
        return Connection.objects.create(**values)

    return make
