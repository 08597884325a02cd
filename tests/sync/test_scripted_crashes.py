"""A worker that is killed between any two steps of a script's write leaves one effect, and a run that can go on."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.connections.client import ConnectionClient
from integrations.core.errors import TransientError
from integrations.sync import jobs, ledger
from integrations.sync.models import OperationKind, RecordLane
from integrations.sync.scripted import Undecided, Waiting, performing, raw
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.scripting import NOTES, ScriptRun

MOST_STEPS, MOST_TRIES = 40, 12
THERE = (NOTES, "length(body.items[?body == 'by a script']) > `0`")
Try = Callable[[], Any]


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it, and nothing is tidied up after it."""


class Reaper:
    """Counts the steps of a try, before and after each request and each change of a row; kills at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = self.steps = 0
        self.killed = False
        monkeypatch.setattr(ConnectionClient, "request", self._watched(ConnectionClient.request))
        monkeypatch.setattr(ledger, "change", self._watched(ledger.change))
        for module in (raw, performing):
            monkeypatch.setattr(module, "insert", self._watched(module.insert))
        leave = jobs.leave_lane
        monkeypatch.setattr(jobs, "leave_lane", lambda *args: None if self.killed else leave(*args))

    def watch(self, *, at: int) -> None:
        self.at, self.steps, self.killed = at, 0, False

    def _watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._step()
            result = function(*args, **kwargs)
            self._step()
            return result

        return call

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.killed = True
            raise Killed


def try_until_done(house: House, reaper: Reaper, attempt: Try) -> tuple[Any, bool]:
    """Try as the queue of runs does, through one kill; return what came of it, and whether there was a kill."""
    was_killed = False
    for _ in range(MOST_TRIES):
        try:
            return attempt(), was_killed
        except Killed:
            was_killed, reaper.killed, reaper.at = True, False, 0
            house.time.pass_by(61)
        except Waiting as waiting:
            house.time.pass_by(max((waiting.due_at - house.time.now()).total_seconds(), 0) + 0.01)
        except TransientError as error:
            house.time.pass_by((error.retry_after or 5) + 0.01)
        except Undecided as undecided:
            return undecided, was_killed
    raise AssertionError("the run does not come to an end")


def each_step(house: House, record: RunningRecord, reaper: Reaper, attempt: Callable[[int], Try]) -> list[Any]:
    """Kill a run at its first step, another at its second …, until one is not killed; return what came of them."""
    ends = []
    for step in range(1, MOST_STEPS):
        record.control.reset()
        record.control.state.idempotency_keys = True
        record.control.add_order(NUMBER)
        reaper.watch(at=step)
        end, was_killed = try_until_done(house, reaper, attempt(step))
        ends.append(end)
        house.time.pass_by(61)
        house.work_until_done()
        assert RecordLane.objects.get().state == "DONE", step
        if not was_killed:
            assert step > 4
            return ends
        assert len(record.control.effects(NUMBER)) <= 1, step
        if not isinstance(end, Undecided):
            assert len(record.control.effects(NUMBER)) == 1, step
    raise AssertionError("a write takes too many steps")


@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before", "status"])
@pytest.mark.parametrize("way", ["read back", "key", "none"])
def test_a_request_is_carried_out_once_wherever_the_worker_is_killed(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch, way: str, fault: str
) -> None:
    if way == "key":
        house.connection.settings = {"script_key_header": "Idempotency-Key"}
        house.connection.save()
    values: dict[str, Any] = {"read_back": THERE} if way == "read back" else {}

    def attempt(number: int) -> Try:
        if fault:
            record.control.fault(fault, method="POST", times=1)
        return lambda: ScriptRun(house, number).send(key=f"k{number}", **values)

    ends = each_step(house, record, Reaper(monkeypatch), attempt)

    undecided = [end for end in ends if isinstance(end, Undecided)]
    assert bool(undecided) is (way == "none")
    assert all(end.status in (200, 201) for end in ends if end not in undecided)


@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before", "status"])
def test_an_operation_is_carried_out_once_wherever_the_worker_is_killed(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    operation = house.operation(OperationKind.NOTE, source_type="script", body={"body": "{input.text} {marker}"})

    def attempt(number: int) -> Try:
        if fault:
            record.control.fault(fault, method="POST", times=1)
        return lambda: ScriptRun(house, number).perform(operation, key=f"k{number}", text="hello")

    ends = each_step(house, record, Reaper(monkeypatch), attempt)

    assert {end.verdict for end in ends} == {"CONFIRMED"}
