import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulators.omni.control import OmniControl
from tests.simulators.omni.state import OmniState
from tests.simulators.record.control import RecordControl
from tests.simulators.record.state import RecordState
from tests.simulators.story import FIRST_WATCH, GATE, Story, order_number, plant_orders
from tests.simulators.worklink.control import WorkLinkControl
from tests.simulators.worklink.state import WorkLinkState

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def doubles() -> tuple[WorkLinkControl, RecordControl]:
    return WorkLinkControl(WorkLinkState()), RecordControl(RecordState())


def test_the_story_plays_every_scene(doubles: tuple[WorkLinkControl, RecordControl]) -> None:
    worklink, record = doubles
    plant_orders(record)
    story = Story(worklink, record, pace=0)

    for number in range(1, 36):
        story.scene(number)()

    sessions = worklink.state.nodes.all("ScenarioSession")
    assert {each["sessionType"] for each in sessions} == {"PASSIVE", "PERSISTENT", "DEMO"}
    assert all(each["endedAt"] and each["duration"] >= 360 for each in sessions if each["sessionType"] != "DEMO")
    assert any(not each["externalData"] for each in sessions)
    assert {each["state"] for each in worklink.state.nodes.all("CallSession")} == {"ENDED"}
    assert record.order(order_number(2000))["status"] == "open"


def test_cameras_recognise_beside_the_scenes_and_the_watch_changes(
    doubles: tuple[WorkLinkControl, RecordControl],
) -> None:
    omni = OmniControl(OmniState())
    plant_orders(doubles[1])
    story = Story(*doubles, pace=0, omni=omni)

    for number in range(1, 301):
        story.watch(number)

    assert len(omni.events()) == 100
    assert {each["camera"]["title"] for each in omni.events()} == {"North gate", "Loading bay", "Pump hall"}
    watches = [doubles[1].order(order_number(FIRST_WATCH + each)) for each in range(3)]
    assert [each["closed"] for each in watches] == [True, True, False]
    assert {each["asset"] for each in watches} == {GATE}


def test_old_sessions_are_forgotten_with_all_their_parts(doubles: tuple[WorkLinkControl, RecordControl]) -> None:
    worklink, _ = doubles
    before = len(worklink.state.nodes.by_id)
    for session in worklink.create_sessions(3, finish=False):
        worklink.take_photo(session)

    worklink.state.nodes.forget_sessions(keep=1)

    assert len(worklink.state.nodes.all("ScenarioSession")) == 1
    worklink.state.nodes.forget_sessions(keep=0)
    assert len(worklink.state.nodes.by_id) == before


@contextmanager
def started(*options: str) -> Iterator[dict[str, str]]:
    """The command as a process of its own, stopped as the supervisor stops it, also when the test fails."""
    command = [sys.executable, "-m", "tests.simulators", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
    assert process.returncode == 0


def control(url: str, path: str, **body: Any) -> Any:
    method = "POST" if body else "GET"
    answer = requests.request(method, f"{url}/_sim/{path}", json=body or None, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_the_data_outlive_a_restart(tmp_path: Path) -> None:
    data = str(tmp_path / "simulators.json")
    with started("--data", data) as urls:
        session = control(urls["worklink"], "sessions", external_data={"work_order_id": "WO-000981"})
        control(urls["record"], "orders", number="WO-000981")

    with started("--data", data) as urls:
        kept, order = control(urls["worklink"], f"sessions/{session}"), control(urls["record"], "orders/WO-000981")
        following = control(urls["worklink"], "sessions", external_data={})

    assert kept["externalData"] == {"work_order_id": "WO-000981"}
    assert order["number"] == "WO-000981"
    assert following != session
