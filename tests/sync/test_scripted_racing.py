"""Runs of scripts and the workers of lanes on one record, on PostgreSQL: one sends at a time, each effect once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from integrations.sync.models import OperationKind, RecordLane, RecordWrite
from integrations.sync.scripted import Waiting
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER, House
from tests.sync.scripting import ScriptRun

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SCRIPTS, WRITES, WORKERS = 5, 4, 2


def test_runs_and_workers_that_race_for_a_record_write_each_effect_once(house: House, record: RunningRecord) -> None:
    operation = house.operation(OperationKind.NOTE, source_type="script", body={"body": "{input.text} {marker}"})
    house.update()
    house.tell()
    over = threading.Event()

    def run(number: int) -> None:
        try:
            for place in range(WRITES):
                _until_done(lambda place=place: _one(house, number, place, operation))
        finally:
            connections.close_all()

    def work() -> None:
        try:
            while not over.is_set():
                house.work()
                time.sleep(0.01)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SCRIPTS + WORKERS) as pool:
        workers = [pool.submit(work) for _ in range(WORKERS)]
        runs = [pool.submit(run, number) for number in range(SCRIPTS)]
        try:
            for each in runs:
                each.result(timeout=120)
        finally:
            over.set()
        for worker in workers:
            worker.result(timeout=30)
    house.work_until_done()

    effects = [effect["what"] for effect in record.control.effects(NUMBER)]
    assert sorted(effects) == ["notes.create"] * SCRIPTS * WRITES + ["order.update"]
    assert RecordWrite.objects.filter(state="DONE").count() == SCRIPTS * WRITES + 1
    assert RecordLane.objects.get().state == "DONE"


def _one(house: House, number: int, place: int, operation: Any) -> None:
    run = ScriptRun(house, number, asked=place)
    if place % 2:
        run.perform(operation, key=f"{number}.{place}", text=f"{number}.{place}")
    else:
        run.send(key=f"{number}.{place}", json={"body": f"{number}.{place}"})


def _until_done(attempt: Any) -> None:
    ends = time.monotonic() + 100
    while time.monotonic() < ends:
        try:
            attempt()
            return
        except Waiting:
            time.sleep(0.05)
    raise AssertionError("the lane was never free")
