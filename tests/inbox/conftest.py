from collections.abc import Iterator

import pytest

from integrations.core import wake
from integrations.inbox.asgi import application, close
from tests.echo_platform import EchoAdapter
from tests.simulators.serving import Served


@pytest.fixture
def door(transactional_db: None, echo: EchoAdapter) -> Iterator[str]:
    """The receiving application on a real socket; its base URL."""
    with Served([(application, 0)]) as served:
        yield served.urls[0]
    close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """The hints with their countdowns, in order."""
    sent: list[tuple[str, float]] = []
    monkeypatch.setattr(wake, "_send", lambda task, countdown: sent.append((task, countdown)))
    return sent
