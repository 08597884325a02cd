"""Simulators for tests: real servers on free ports, closed at the end of the `with` block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.simulators.deepomatic.app import build_app as build_deepomatic
from tests.simulators.deepomatic.camera import CameraInterface
from tests.simulators.deepomatic.control import SiteControl
from tests.simulators.deepomatic.state import SiteState
from tests.simulators.omni.app import build_app as build_omni
from tests.simulators.omni.control import OmniControl
from tests.simulators.omni.state import OmniState
from tests.simulators.record.app import build_app as build_record
from tests.simulators.record.control import RecordControl
from tests.simulators.record.state import RecordState
from tests.simulators.serving import Served
from tests.simulators.worklink.app import build_app as build_worklink
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.state import WorkLinkState


@dataclass(frozen=True)
class RunningRecord:
    url: str
    control: RecordControl


@dataclass(frozen=True)
class RunningWorkLink:
    url: str
    control: WorkLinkControl

    @property
    def graphql_url(self) -> str:
        return f"{self.url}/api/v3/graphql"


@contextmanager
def running_record(*, port: int = 0) -> Iterator[RunningRecord]:
    """An empty system of record on loopback."""
    state = RecordState()
    with Served([(build_record(state), port)]) as served:
        state.public_url = served.urls[0]
        yield RunningRecord(served.urls[0], RecordControl(state))


@contextmanager
def running_worklink(*, port: int = 0) -> Iterator[RunningWorkLink]:
    """A WorkLink CMS on loopback with the seed data; nobody listens yet."""
    control = WorkLinkControl(WorkLinkState())
    with Served([(build_worklink(control), port)]) as served:
        control.state.public_url = served.urls[0]
        try:
            yield RunningWorkLink(served.urls[0], control)
        finally:
            control.state.outgoing.close()


@dataclass(frozen=True)
class RunningDeepomatic:
    url: str
    control: SiteControl


@contextmanager
def running_deepomatic(*, port: int = 0) -> Iterator[RunningDeepomatic]:
    """An empty Deepomatic site on loopback; its files lie on another host than its API, as the vendor's do."""
    state = SiteState()
    control = SiteControl(state, CameraInterface(state))
    with Served([(build_deepomatic(control), port)]) as served:
        state.public_url = served.urls[0]
        state.files_url = served.urls[0].replace("127.0.0.1", "localhost")
        yield RunningDeepomatic(served.urls[0], control)


@dataclass(frozen=True)
class RunningOmni:
    url: str
    control: OmniControl


@contextmanager
def running_omni(*, port: int = 0) -> Iterator[RunningOmni]:
    """An OMNI Platform on loopback with its directory; nothing has happened yet."""
    control = OmniControl(OmniState())
    with Served([(build_omni(control), port)]) as served:
        control.state.public_url = served.urls[0]
        try:
            yield RunningOmni(served.urls[0], control)
        finally:
            control.state.pushing.stop()
