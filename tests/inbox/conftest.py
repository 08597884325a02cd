from collections.abc import Iterator

import pytest

from integrations.inbox.asgi import application
from tests.echo_platform import EchoAdapter
from tests.simulators.serving import Served


@pytest.fixture
def door(transactional_db: None, echo: EchoAdapter) -> Iterator[str]:
    """The receiving application on a real socket; its base URL."""
    with Served([(application, 0)]) as served:
        yield served.urls[0]
