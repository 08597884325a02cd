"""Connections to real local servers."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.connections.models import Connection
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

Make = Callable[..., Connection]
BEARER = {"Authorization": f"Bearer {BEARER_TOKEN}"}


@pytest.fixture
def connect(record: RunningRecord) -> Make:
    """Make a connection to the system of record."""

    def make(**values: Any) -> Connection:
        values = {"slug": "record", "name": "Record", "platform": "generic", "base_url": record.url} | values
        values.setdefault("rate_per_second", 500.0)
        return Connection.objects.create(**values)

    return make
