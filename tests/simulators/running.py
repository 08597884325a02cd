"""Simulators for tests: real servers on free ports, closed at the end of the `with` block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.simulators.record.app import build_app as build_record
from tests.simulators.record.control import RecordControl
from tests.simulators.record.state import RecordState
from tests.simulators.serving import Served


@dataclass(frozen=True)
class RunningRecord:
    url: str
    control: RecordControl


@contextmanager
def running_record(*, port: int = 0) -> Iterator[RunningRecord]:
    """An empty system of record on loopback."""
    state = RecordState()
    with Served([(build_record(state), port)]) as served:
        state.public_url = served.urls[0]
        yield RunningRecord(served.urls[0], RecordControl(state))
