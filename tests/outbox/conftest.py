from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pytest_django.fixtures import Settings

from tests.simulators.receiver import Receiver, running_receiver

NewReceiver = Callable[[], Receiver]


@pytest.fixture
def new_receiver(settings: Settings) -> Iterator[NewReceiver]:
    """Makes receivers that may be reached."""
    with ExitStack() as stack:

        def make() -> Receiver:
            receiver = stack.enter_context(running_receiver())
            settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, receiver.address]
            return receiver

        yield make


@pytest.fixture
def receiver(new_receiver: NewReceiver) -> Receiver:
    return new_receiver()
