from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.connections.models import AuthKind, Connection
from integrations.platforms.omni.following import Follower
from integrations.platforms.omni.models import Subscription
from tests.factories import make_connection
from tests.simulators.omni.golden import TOKEN
from tests.simulators.running import RunningOmni, running_omni

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def platform_server() -> Iterator[RunningOmni]:
    with running_omni() as running:
        yield running


@pytest.fixture
def platform(platform_server: RunningOmni, settings: Settings) -> RunningOmni:
    """A platform that may be reached, on which nothing has happened; its clock stands at noon."""
    platform_server.control.reset()
    platform_server.control.state.clock.set(NOON)
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(platform_server.url).netloc]
    return platform_server


@pytest.fixture
def connection(db: None, platform: RunningOmni) -> Connection:
    return make_omni(platform)


def make_omni(platform: RunningOmni, **values: object) -> Connection:
    """A connection to the platform, with these settings."""
    return make_connection(
        platform="omni",
        slug="gate",
        name="Gate",
        base_url=platform.url,
        auth_kind=AuthKind.PLATFORM,
        credentials={"token": TOKEN},
        settings=values,
        rate_per_second=500,
        max_concurrency=20,
        write_from=NOON - timedelta(hours=1),
    )


class Following:
    """A follower whose time is ours."""

    def __init__(self, connection: Connection, *, dice: float = 1.0) -> None:
        self.row = Subscription.objects.get_or_create(connection=connection)[0]
        self.now = NOON
        self.follower = Follower(self.row, renew=lambda: None, dice=lambda: dice)

    def step(self, *, after: float = 0.0, seconds: float = 0.0) -> None:
        """Go on `after` seconds later, and wait up to `seconds` for events."""
        self.now += timedelta(seconds=after)
        self.follower.step(now=self.now, seconds=seconds)

    @property
    def state(self) -> str:
        return Subscription.objects.get(pk=self.row.pk).state

    @property
    def note(self) -> str:
        return Subscription.objects.get(pk=self.row.pk).note


@pytest.fixture
def following(connection: Connection) -> Iterator[Following]:
    found = Following(connection)
    yield found
    found.follower.close()
