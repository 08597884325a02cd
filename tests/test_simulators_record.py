from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord, running_record

BEARER = {"Authorization": f"Bearer {BEARER_TOKEN}"}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningRecord]:
    with running_record() as running:
        yield running


@pytest.fixture
def record(server: RunningRecord) -> RunningRecord:
    server.control.reset()
    server.control.add_order("WO-000981", asset="PUMP-77")
    return server


def ask(record: RunningRecord, method: str, path: str, **values: Any) -> requests.Response:
    values.setdefault("headers", BEARER)
    return requests.request(method, record.url + path, timeout=5, **values)


def test_an_update_is_read_back_and_journaled(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "in_progress", "u_minutes": 12})

    assert answer.status_code == 200
    order = ask(record, "GET", "/api/orders/WO-000981").json()
    assert (order["status"], order["u_minutes"]) == ("in_progress", 12)
    assert [effect["content"]["changed"] for effect in record.control.effects()] == [["status", "u_minutes"]]


def test_without_credentials_nothing_is_told_or_done(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"}, headers={})

    assert answer.status_code == 401
    assert record.control.effects() == []
    assert record.control.order("WO-000981")["status"] == "open"


def test_an_unknown_field_is_refused_by_name(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"colour": "red"})

    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, ["colour"])
    assert record.control.effects() == []


def test_a_dropped_connection_after_the_write_leaves_the_effect(record: RunningRecord) -> None:
    record.control.fault("drop_after", method="PATCH", times=1)

    with pytest.raises(requests.ConnectionError):
        ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})

    assert record.control.order("WO-000981")["status"] == "done"
    assert len(record.control.effects("WO-000981")) == 1


def test_a_dropped_connection_before_the_write_leaves_none(record: RunningRecord) -> None:
    record.control.fault("drop_before", method="PATCH", times=1)

    with pytest.raises(requests.ConnectionError):
        ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})

    assert record.control.order("WO-000981")["status"] == "open"
    assert record.control.effects() == []
