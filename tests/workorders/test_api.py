from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from integrations.connections.models import Connection, Workspace
from integrations.connections.services import issue_token
from integrations.events.models import Event
from integrations.workorders.models import ExternalId, WorkOrder
from tests.workorders.making import join_session, make_connection, make_order

pytestmark = pytest.mark.django_db
URL = "/api/v1/systems/{}/work-orders/{}/"
Call = Callable[..., Any]
NAMES = st.sampled_from(["title", "asset", "opened_at", "resolved_at", "closed", "status"]) | st.text(max_size=5)
TIMES = st.datetimes().map(lambda at: at.isoformat())
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | TIMES


@pytest.fixture(autouse=True)
def _nobody_called_yet() -> None:
    cache.clear()


@pytest.fixture
def sap() -> Connection:
    return make_connection("sap", time_zone="Europe/Paris")


@pytest.fixture
def call(client: Client) -> Call:
    """Call the API with a token that may read and write."""
    headers = bearer("workorders:read", "workorders:write")

    def send(method: str, path: str, body: Any = None, **options: Any) -> Any:
        sent = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(client, method)(path, **sent, headers=headers | options.pop("headers", {}), **options)

    return send


def bearer(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token('test', scopes=scopes)[1]}"}


def test_a_put_creates_then_updates_then_changes_nothing(call: Call, sap: Connection) -> None:
    told = {"title": "Replace pump", "asset": "Pump 7", "opened_at": "2026-07-01T08:00:00", "closed": False}

    created = call("put", URL.format("sap", "WO-1"), told)
    updated = call("put", URL.format("sap", "WO-1"), {"site": "Lyon"})
    same = call("put", URL.format("sap", "WO-1"), {"site": "Lyon"})

    assert (created.status_code, updated.status_code, same.status_code) == (201, 200, 200)
    assert created.json()["opened_at"] == "2026-07-01T06:00:00Z"
    assert created.json()["external_ids"] == [{"system": "sap", "external_id": "WO-1"}]
    assert (same.json()["asset"], same.json()["site"]) == ("Pump 7", "Lyon")
    assert [event.type for event in Event.objects.order_by("pk")] == ["workorder.created", "workorder.updated"]


def test_null_and_empty_text_empty_a_field(call: Call, sap: Connection) -> None:
    call("put", URL.format("sap", "WO-1"), {"asset": "Pump 7", "site": "Lyon", "opened_at": "2026-07-01T08:00:00Z"})

    answer = call("put", URL.format("sap", "WO-1"), {"asset": None, "site": "", "opened_at": None}).json()

    assert (answer["asset"], answer["site"], answer["opened_at"]) == ("", "", None)


def test_a_stub_is_created_by_its_first_put(call: Call, sap: Connection) -> None:
    join_session(make_connection(), key="WO-1", system=sap)
    assert call("get", URL.format("sap", "WO-1")).json()["stub"] is True

    answer = call("put", URL.format("sap", "WO-1"), {"asset": "Pump 7"})

    assert (answer.status_code, answer.json()["stub"]) == (201, False)


def test_an_external_id_may_hold_slashes_and_spaces(call: Call, sap: Connection) -> None:
    created = call("put", URL.format("sap", "2026/07%20A%3F"), {})

    assert created.status_code == 201
    assert ExternalId.objects.get().external_id == "2026/07 A?"
    assert call("get", URL.format("sap", "2026/07%20A%3F")).status_code == 200


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ({"colour": "red"}, "colour", "not known here"),
        ({"asset": "x" * 201}, "asset", "no more than 200"),
        ({"asset": {"a": 1}}, "asset", "Not a valid string"),
        ({"asset": "a\x00b"}, "asset", "Null characters"),
        ({"opened_at": "yesterday"}, "opened_at", "wrong format"),
        ({"opened_at": "0001-01-01T00:00:00+14:00"}, "opened_at", "out of range"),
        ({"closed": "perhaps"}, "closed", "valid boolean"),
        ([1], "non_field_errors", "Expected a dictionary"),
    ],
)
def test_a_wrong_field_is_refused_by_name(call: Call, sap: Connection, body: Any, name: str, said: str) -> None:
    answer = call("put", URL.format("sap", "WO-1"), body)

    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert (problem["status"], problem["code"]) == (400, "invalid")
    assert said in problem["errors"][name][0]
    assert not WorkOrder.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "unreadable_json"),
        (b'{"asset": NaN}', 400, "unreadable_json"),
        (b"\xff", 400, "unreadable_json"),
        (b"[" * 5000 + b"]" * 5000, 400, "unreadable_json"),
        (b'{"asset": "' + b"x" * 70_000 + b'"}', 413, "body_too_large"),
        (b'{"asset": "\\ud800"}', 400, "invalid"),
    ],
)
def test_a_body_that_is_no_json_is_refused(call: Call, sap: Connection, body: bytes, status: int, code: str) -> None:
    answer = call("put", URL.format("sap", "WO-1"), body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not WorkOrder.objects.exists()


def test_only_json_is_taken(call: Call, sap: Connection, client: Client) -> None:
    answer = client.put(URL.format("sap", "WO-1"), b"a=1", "text/plain", headers=bearer("workorders:write"))

    assert answer.status_code == 415
    assert not WorkOrder.objects.exists()


@pytest.mark.parametrize("external_id", ["K" * 201, "%20WO", "W%00O", "W%09O"])
def test_an_external_id_that_cannot_be_kept_is_refused(call: Call, sap: Connection, external_id: str) -> None:
    answer = call("put", URL.format("sap", external_id), {})

    assert answer.status_code == 400
    assert answer.json()["errors"]["external_id"][0].startswith("The external id")
    assert not WorkOrder.objects.exists()


def test_the_scope_decides(client: Client, sap: Connection) -> None:
    make_order("WO-1", system=sap)
    reading, writing = bearer("workorders:read"), bearer("workorders:write")
    url, put = URL.format("sap", "WO-2"), {"data": {}, "content_type": "application/json"}

    assert client.put(url, **put).status_code == 401  # type: ignore[arg-type]
    assert client.put(url, **put, headers=reading).json()["code"] == "scope_missing"  # type: ignore[arg-type]
    assert client.get(URL.format("sap", "WO-1"), headers=writing).status_code == 403
    assert client.get("/api/v1/work-orders/", headers=writing).status_code == 403
    assert WorkOrder.objects.count() == 1


def test_another_workspace_is_not_there(call: Call) -> None:
    other = make_connection("other", workspace=Workspace.objects.create(slug="other", name="Other"))
    make_order("WO-1", system=other)

    assert call("get", URL.format("other", "WO-1")).json()["code"] == "system_not_found"
    assert call("put", URL.format("other", "WO-1"), {}).status_code == 404
    assert call("get", "/api/v1/work-orders/").json()["results"] == []


def test_an_unknown_order_is_not_found(call: Call, sap: Connection) -> None:
    answer = call("get", URL.format("sap", "WO-1"))

    assert (answer.status_code, answer.json()["code"]) == (404, "work_order_not_found")


def test_the_same_idempotency_key_gets_the_same_answer(call: Call, sap: Connection) -> None:
    key = {"Idempotency-Key": "abc"}

    first = call("put", URL.format("sap", "WO-1"), {"asset": "A"}, headers=key)
    again = call("put", URL.format("sap", "WO-1"), {"asset": "A"}, headers=key)
    other = call("put", URL.format("sap", "WO-1"), {"asset": "B"}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert WorkOrder.objects.get().asset == "A"


def test_too_many_requests_are_held_back(call: Call, sap: Connection, settings: Settings) -> None:
    settings.API_RATE = "2/min"
    answers = [call("get", "/api/v1/work-orders/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert int(answers[2]["Retry-After"]) > 0


def test_the_list_is_paged_and_misses_nothing(call: Call, sap: Connection) -> None:
    for number in range(5):
        make_order(f"WO-{number}", system=sap)

    page, seen = call("get", "/api/v1/work-orders/?page_size=2").json(), []
    while True:
        seen += [order["external_ids"][0]["external_id"] for order in page["results"]]
        if page["next"] is None:
            break
        page = call("get", page["next"]).json()

    assert seen == [f"WO-{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["WO-1", "WO-2", "X"]),
        ({"external_id": "WO-1"}, ["WO-1"]),
        ({"external_id": "X", "system": "sap"}, []),
        ({"system": "crm"}, ["X"]),
        ({"asset": "Pump 7"}, ["WO-1"]),
        ({"site": "Lyon", "status": "new"}, ["WO-2"]),
        ({"closed": "true"}, ["WO-2"]),
        ({"changed_since": "2026-03-01T12:00:00Z"}, ["WO-1", "WO-2", "X"]),
        ({"changed_since": "2026-03-01T13:00:00.001+01:00"}, []),
    ],
)
def test_the_list_is_narrowed(call: Call, sap: Connection, query: dict[str, str], found: list[str]) -> None:
    make_order("WO-1", system=sap, asset="Pump 7")
    make_order("WO-2", system=sap, site="Lyon", status="new", closed=True)
    make_order("X", system=make_connection("crm"))

    answer = call("get", f"/api/v1/work-orders/?{urlencode(query)}").json()

    assert [order["external_ids"][0]["external_id"] for order in answer["results"]] == found


@pytest.mark.parametrize(
    ("query", "name"),
    [("colour=red", "colour"), ("changed_since=2026-03-01T12:00:00", "changed_since"), ("page_size=1000", "page_size")],
)
def test_a_wrong_condition_is_refused_by_name(call: Call, query: str, name: str) -> None:
    answer = call("get", f"/api/v1/work-orders/?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


def test_the_list_asks_as_often_for_many_as_for_one(
    call: Call, sap: Connection, django_assert_num_queries: Any
) -> None:
    make_order("WO-0", system=sap)
    call("get", "/api/v1/work-orders/")
    with django_assert_num_queries(3):
        call("get", "/api/v1/work-orders/")
    for number in range(1, 20):
        make_order(f"WO-{number}", system=sap)

    with django_assert_num_queries(3):
        assert len(call("get", "/api/v1/work-orders/").json()["results"]) == 20


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(
    body=st.dictionaries(
        st.sampled_from(["title", "asset", "opened_at", "resolved_at", "closed", "status"]) | st.text(max_size=5),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=30)
        | st.datetimes().map(lambda at: at.isoformat()),
        max_size=4,
    )
)
def test_whatever_is_told_is_kept_or_refused_in_words(call: Call, sap: Connection, body: Any) -> None:
    answer = call("put", URL.format("sap", "WO-1"), body)

    assert answer.status_code in (200, 201, 400)
    assert answer.status_code < 400 or answer.json()["errors"]
