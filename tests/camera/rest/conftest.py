from collections.abc import Iterator

import pytest
from django.core.cache import cache

from integrations.camera import jobs
from integrations.camera.api import waiting
from integrations.camera.models import AnalysisRun
from integrations.core.drain import drain
from tests.camera.rest.program import Program, make_key


@pytest.fixture(autouse=True)
def _nobody_called_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a caller waits for a verdict, a worker works."""
    monkeypatch.setattr(waiting, "pause", lambda _seconds: drain(AnalysisRun, jobs.run_analysis))


@pytest.fixture
def program() -> Program:
    return Program(make_key()[1])
