from collections.abc import Iterator

import pytest

from integrations.scripts.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests: what one script leaves behind, the next would meet."""
    made = Sandbox()
    yield made
    made.close()
