"""The API is tried by its own schema: whatever is asked, it answers by the schema and never with a fault.

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
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.graphql import nodes
from schemathesis.graphql.checks import GraphQLClientError, GraphQLServerError

from integrations.events.graphql.schema import SDL
from tests.events.graphql.conftest import URL, new_token

pytestmark = pytest.mark.django_db
BOUNDED: dict[str, Any] = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck)}
# What a made-up request may be told: its values name nothing, or are out of bounds.
EXPECTED = {"BAD_USER_INPUT", "NOT_FOUND", "QUERY_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED"}
TIMES = st.sampled_from(["2024-06-01T12:00:00Z", "2024-06-01 12:00:00.25+02:00", "9999-12-31T23:59:59Z", "soon", ""])

schemathesis.graphql.scalar("DateTime", TIMES.map(nodes.String))
schema = schemathesis.graphql.from_path(SDL, config=SchemathesisConfig(seed=1))
schema.app = WSGIHandler()
schema.config.update(base_url=f"http://testserver{URL}")


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests see the rows of the test: they run on its connection, inside its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token() -> str:
    return new_token()


@schema.parametrize()
@settings(max_examples=8, **BOUNDED)
def test_whatever_is_asked_is_answered_by_the_schema(case: Any, token: str) -> None:
    with transaction.atomic():
        response = case.call(headers={"token": token})
        transaction.set_rollback(True)

    assert response.status_code == 200
    errors = response.json().get("errors") or []
    assert {error["extensions"]["code"] for error in errors} <= EXPECTED
    try:
        case.validate_response(response, headers={"token": token})
    except* (GraphQLClientError, GraphQLServerError):
        assert errors
