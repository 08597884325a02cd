import pytest
from django.core.cache import cache
from django.test import Client

from tests.api.calling import Call, caller


@pytest.fixture(autouse=True)
def _nobody_called_yet() -> None:
    cache.clear()


@pytest.fixture
def call(client: Client) -> Call:
    """Call with a token of every scope."""
    return caller(client)
