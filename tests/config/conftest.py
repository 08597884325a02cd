import pytest

from tests.config.making import make_full


@pytest.fixture
def full(db: None) -> None:
    make_full()
