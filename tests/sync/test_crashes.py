"""A worker that is killed between any two steps leaves exactly one effect, and a ledger that knows it."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.core.work import MAX_DEATHS
from integrations.sync import exchange, ledger
from integrations.sync.models import OperationKind, RecordLane
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.test_faults import EVERY_KIND, effects, make

MOST_STEPS = 40


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


class Reaper:
    """Counts the steps of a run, before and after each request and each change of the ledger; kills at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 0
        self.steps = 0
        self.killed = False
        monkeypatch.setattr(exchange, "send", self._watched(exchange.send))
        monkeypatch.setattr(ledger, "change", self._watched(ledger.change))

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


def work_through_a_kill(house: House, reaper: Reaper, *, at: int) -> bool:
    """Work with a kill at step `at`; return whether there was such a step."""
    reaper.at, reaper.steps, reaper.killed = at, 0, False
    for _ in range(MAX_DEATHS):
        try:
            house.work_until_done()
            return reaper.killed
        except Killed:
            reaper.at = 0
            house.time.pass_by(61)
    raise AssertionError("killed more than once")


@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before", "no_change", "status"])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_kill_at_any_step_leaves_one_effect(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch, kind: str, fault: str
) -> None:
    make(house, kind)
    reaper = Reaper(monkeypatch)
    for step in range(1, MOST_STEPS):
        house.facts.visits["v1"]["state"] = f"state-{step}"
        visit = f"v{step}"
        house.facts.visits[visit] = {**house.facts.visits["v1"], "id": visit}
        number = f"{NUMBER}-{step}"
        record.control.add_order(number)
        if fault:
            record.control.fault(fault, method="P*", times=1)

        house.tell(visit, record=number)
        was_killed = work_through_a_kill(house, reaper, at=step)

        assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED"), (step, house.last().note)
        assert len(record.control.effects(number)) == 1, step
        if not was_killed:
            assert step > 6
            return
    raise AssertionError("a write takes too many steps")


def test_a_worker_that_wakes_up_late_writes_nothing(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped worker loses its lease; another one does the work; then the first goes on where it was stopped."""
    house.update()
    house.tell()
    intend = ledger.intend

    def stopped(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(ledger, "intend", intend)
        house.time.pass_by(61)
        house.work()
        intend(*args, **kwargs)

    monkeypatch.setattr(ledger, "intend", stopped)
    house.work()

    assert (house.last().state, house.last().sends) == ("DONE", 1)
    assert effects(record) == ["order.update"]
    assert RecordLane.objects.get().state == "DONE"


def test_a_worker_stopped_between_intent_and_send_does_not_send(
    house: House, record: RunningRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.operation(OperationKind.NOTE)
    house.tell()
    send = exchange.send

    def stopped(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(exchange, "send", send)
        house.time.pass_by(130)
        house.work_until_done()
        return send(*args, **kwargs)

    monkeypatch.setattr(exchange, "send", stopped)
    house.work()

    assert (house.last().state, house.last().verdict) == ("DONE", "CONFIRMED")
    assert effects(record) == ["notes.create"]
