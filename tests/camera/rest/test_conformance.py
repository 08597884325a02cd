"""The camera's REST API is tried by its own document, as the other one is (`tests/api/test_conformance.py`)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import settings as bounds
from pytest_django.fixtures import Settings
from schemathesis.generation import GenerationMode

from tests.api.test_conformance import BOUNDED, LEFT_OUT, _schema, answer
from tests.camera.conftest import Said
from tests.camera.rest.program import Program, make_key

pytestmark = pytest.mark.django_db
anything = _schema("^/v0.2/", modes=list(GenerationMode), coverage=True)
sensible = _schema("^/v0.2/.*[{]", modes=[GenerationMode.POSITIVE], coverage=False)


@pytest.fixture
def rows(engine: Said) -> dict[str, Any]:
    """An order with a judged photo, and what addresses need."""
    value = make_key()[1]
    program = Program(value)
    order = program.create()
    task = program.analyze(order).json()["tasks"][0]["id"]
    named = {"order_id": order, "task_id": task, "name": "meter_front"}
    named["batch_id"] = program.call("post", "batches", {"filename": "jobs"}).json()["batch_id"]
    return {"named": named, "headers": {"Authorization": f"Token {value}"}}


@pytest.fixture(autouse=True)
def _one_connection(rows: dict[str, Any], settings: Settings) -> Iterator[None]:
    """Requests run inside the test's transaction; the client that made the rows has put the signals back."""
    settings.OUTBOUND = "off"  # nothing is fetched
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@anything.parametrize()  # type: ignore[untyped-decorator]  # the library says too little of it
@bounds(max_examples=10, **BOUNDED)
def test_whatever_is_sent_is_answered_as_described(case: Any, rows: dict[str, Any]) -> None:
    response = answer(case, headers=rows["headers"])

    case.validate_response(response, headers=rows["headers"], excluded_checks=LEFT_OUT)


@sensible.parametrize()  # type: ignore[untyped-decorator]  # the library says too little of it
@bounds(max_examples=5, **BOUNDED)
def test_rows_that_exist_are_answered_as_described(case: Any, rows: dict[str, Any]) -> None:
    case.path_parameters = {name: rows["named"][name] for name in case.path_parameters}

    response = answer(case, headers=rows["headers"])

    assert response.status_code != 404
    case.validate_response(response, headers=rows["headers"], excluded_checks=LEFT_OUT)
