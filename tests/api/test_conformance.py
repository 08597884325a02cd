"""The API is tried by its own document: whatever is sent, it answers as the document says, and never with a fault.

Bounded and repeatable: the same seed and the same number of examples in each run.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.api.calling import DOCUMENT, all_scopes, bearer, path_values
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
load_all_checks()

# What the document allows may name a row that is not there, or fields that exclude each other: 400 is right then.
LEFT_OUT = [positive_data_acceptance]
BOUNDED: dict[str, Any] = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}


def _schema(paths: str, *, modes: list[GenerationMode], coverage: bool) -> Any:
    schema = schemathesis.openapi.from_path(DOCUMENT, config=SchemathesisConfig(seed=1))
    schema.config.generation.update(modes=modes)
    schema.config.phases.coverage.enabled = coverage
    refusals = schema.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "413"]  # a list that is too long makes a long body
    schema.app = WSGIHandler()
    return schema.include(path_regex=paths)


anything = _schema("^/api/v1/", modes=list(GenerationMode), coverage=True)
sensible = _schema("^/api/v1/.*[{]", modes=[GenerationMode.POSITIVE], coverage=False)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests see the rows of the test: they run on its connection, inside its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def rows() -> dict[str, Any]:
    return make_everything(1)


@pytest.fixture
def headers() -> dict[str, str]:
    return bearer(*all_scopes())


def left_out(case: Any) -> list[Any]:
    """An unknown parameter whose value is an empty list is not sent at all, so nothing is there to be refused."""
    unsent = any(value == [] for value in (case.query or {}).values())
    return [*LEFT_OUT, negative_data_rejection] if unsent else LEFT_OUT


def answer(case: Any, *, headers: dict[str, str]) -> Any:
    """Return the answer; what the request did is undone."""
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    return response


@anything.parametrize()  # type: ignore[untyped-decorator]  # the library says too little of it
@settings(max_examples=10, **BOUNDED)
def test_whatever_is_sent_is_answered_as_described(case: Any, rows: dict[str, Any], headers: dict[str, str]) -> None:
    response = answer(case, headers=headers)

    case.validate_response(response, headers=headers, excluded_checks=left_out(case))


@sensible.parametrize()  # type: ignore[untyped-decorator]  # the library says too little of it
@settings(max_examples=10, **BOUNDED)
def test_rows_that_exist_are_answered_as_described(case: Any, rows: dict[str, Any], headers: dict[str, str]) -> None:
    case.path_parameters = path_values(case.path, rows)

    response = answer(case, headers=headers)

    assert response.status_code != 404
    case.validate_response(response, headers=headers, excluded_checks=left_out(case))
