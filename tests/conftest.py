"""What every test shares. Hints to workers are recorded instead of sent, unless a test asks for the real broker."""

from collections.abc import Iterator

import pytest

from integrations.core import wake
from integrations.inbox import sources


@pytest.fixture(autouse=True)
def hints(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the tasks that were hinted, in order. A test marked `redis` sends them for real."""
    sent: list[str] = []
    if "redis" not in request.keywords:
        monkeypatch.setattr(wake, "_send", lambda task, countdown: sent.append(task))
        monkeypatch.setattr(wake, "awake", lambda task: None)
    yield sent


@pytest.fixture(autouse=True)
def _no_cached_sources() -> Iterator[None]:
    yield
    sources._cache.clear()
