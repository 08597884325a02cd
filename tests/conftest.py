"""What every test shares. Hints to workers are recorded instead of sent, unless a test asks for the real broker."""

import gc
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.fixtures import Settings

from integrations.connections import limits, local_limits, quota
from integrations.core import files, platforms, remembered, wake
from integrations.inbox import sources
from tests import quick_flush
from tests.chromium import browser  # noqa: F401  a fixture
from tests.echo_platform import EchoAdapter
from tests.simulators.running import RunningRecord, RunningWorkLink, running_record, running_worklink

# A test says the same each time it is run on the same code, on a slow machine too.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")
DATABASE = {"db", "transactional_db", "live_server"}


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before the marks are used to select, and after others put in order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what touches the database; begin with what is long; leave out what needs a server that is not there."""
    skip = pytest.mark.skip(reason="needs PostgreSQL: set PYTEST_DATABASE_URL, or run make test")
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
        if "postgres" in item.keywords and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            item.add_marker(skip)
    yield
    items.sort(key=lambda item: "long" not in item.keywords)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was collected: thousands of tests that stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        quick_flush.install(patch)
        yield


@pytest.fixture(autouse=True)
def hints(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were hinted, in order. A test marked `redis` sends them for real."""
    sent: list[str] = []
    if "redis" not in request.keywords:
        monkeypatch.setattr(wake, "_send", lambda task, countdown: sent.append(task))
        monkeypatch.setattr(wake, "awake", lambda task: None)
        monkeypatch.setattr(wake, "_announce", lambda channel, message: None)
    return sent


@pytest.fixture(autouse=True)
def _limits_of_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits of connections are counted here, not in a shared broker, unless a test is marked `redis`."""
    if "redis" not in request.keywords:
        monkeypatch.setattr(limits._broker, "broken_until", math.inf)
    yield
    local_limits.forget()
    quota.forget()


@pytest.fixture(autouse=True)
def _no_file_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is elsewhere would hold the transaction's locks; those of the test itself do not count."""
    asking = files._asking

    def checked(*given: Any, **named: Any) -> AbstractContextManager[None]:
        assert all(getattr(each, "_from_testcase", False) for each in connection.atomic_blocks), "in a transaction"
        return asking(*given, **named)

    monkeypatch.setattr(files, "_asking", checked)


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> EchoAdapter:
    """A platform without a vendor, for tests of the lower floors."""
    adapter = EchoAdapter()
    monkeypatch.setitem(platforms._adapters, adapter.slug, adapter)
    return adapter


@pytest.fixture(scope="session")
def record_server() -> Iterator[RunningRecord]:
    with running_record() as running:
        yield running


@pytest.fixture
def record(record_server: RunningRecord, settings: Settings) -> RunningRecord:
    """An empty system of record that may be reached."""
    record_server.control.reset()
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(record_server.url).netloc]
    return record_server


@pytest.fixture(scope="session")
def cms_server() -> Iterator[RunningWorkLink]:
    with running_worklink() as running:
        yield running


@pytest.fixture
def cms(cms_server: RunningWorkLink, settings: Settings) -> RunningWorkLink:
    """A WorkLink CMS with its seed data that may be reached."""
    cms_server.control.reset()
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(cms_server.url).netloc]
    return cms_server


@pytest.fixture(autouse=True)
def _no_cached_sources() -> Iterator[None]:
    yield
    sources._cache.clear()
    remembered.forget()
    files.forget()
