"""Every refusal is a problem document with a code that stays; no input is a fault of ours."""

import base64
import json
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.views import APIView

from integrations.workorders.models import Join, WorkOrder
from tests.api.calling import Call, bearer
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
HUGE = "9" * 5000
REPLAYS = "/api/v1/webhook-replays/"
JSON = {"content_type": "application/json"}
KEY = {"headers": {"Idempotency-Key": "a"}}
NOON = "2026-03-01T12:00:00Z"


def cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("get", "/api/v1/nothing/", {}, 404, "no_such_address"),
        ("get", "/api/v1/work-orders", {}, 404, "no_such_address"),
        ("post", "/api/v1/", {}, 404, "no_such_address"),
        ("get", "/api/v1/writes/x/", {}, 404, "no_such_address"),
        ("get", "/api/v1/writes/-1/", {}, 404, "no_such_address"),
        ("get", "/api/v1/writes/7/", {}, 404, "not_found"),
        ("get", f"/api/v1/writes/{2**63}/", {}, 404, "not_found"),
        ("get", f"/api/v1/writes/{HUGE}/", {}, 404, "no_such_address"),
        ("get", "/api/v1/systems/erp/work-orders/a%00b/", {}, 404, "system_not_found"),
        ("get", "/api/v1/systems/%FF/work-orders/%FE/", {}, 404, "no_such_address"),
        ("delete", "/api/v1/writes/", {}, 405, "method_not_allowed"),
        ("options", "/api/v1/writes/", {}, 405, "method_not_allowed"),
        ("patch", "/api/v1/writes/7/", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/writes/", {"headers": {"Accept": "text/xml"}}, 406, "not_acceptable"),
        ("get", "/api/v1/writes/?format=xml", {}, 400, "invalid"),
        ("post", REPLAYS, {"data": "a=1", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("post", REPLAYS, JSON | {"data": b"{"}, 400, "unreadable_json"),
        ("post", REPLAYS, JSON | {"data": b"\xff"}, 400, "unreadable_json"),
        ("post", REPLAYS, JSON | {"data": b" " * 70_000}, 413, "body_too_large"),
        ("post", REPLAYS, JSON | KEY | {"data": b" " * 3_000_000}, 413, "body_too_large"),
    ],
)  # fmt: skip
def test_a_refusal_has_a_code(call: Call, method: str, path: str, options: Any, status: int, code: str) -> None:
    answer = call(method, path, **options)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert (answer["Content-Type"], problem["status"]) == ("application/problem+json", status)
    assert problem["title"]


def test_a_method_that_is_not_allowed_is_told_which_are(call: Call) -> None:
    assert call("delete", "/api/v1/writes/")["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "value",
    [
        "", "0", "%", "%25s", "%00", "%FF", "🙂", "a" * 501, cursor(), cursor("<"), cursor("=", 7), cursor("<", 7, 7),
        cursor("<", "x"), cursor("<", {}), cursor("<", "9" * 400), cursor("<", float("inf")),
        cursor(*range(9)), base64.urlsafe_b64encode(b"[" * 300).decode(),
    ],
)  # fmt: skip
def test_a_cursor_that_is_not_ours_is_refused(call: Call, value: str) -> None:
    answer = call("get", "/api/v1/writes/", query_params={"cursor": value})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize("value", ["", "soon", "%s", 7, ["a"], {"a": 1}, "0001-01-01T00:00:00+23:00", "a\x00b"])
def test_a_cursor_with_a_wrong_time_is_refused(call: Call, value: Any) -> None:
    made = cursor("<", value, 7)

    answer = call("get", "/api/v1/writes/", query_params={"cursor": made, "ordering": "created_at"})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize("number", [0, -1, True, 2**63, -(2**63), 2**200, 1.5])
def test_a_cursor_of_a_row_that_cannot_be_leads_to_an_empty_page_or_the_first(call: Call, number: Any) -> None:
    make_everything(1)

    for direction in "<>":
        answer = call("get", "/api/v1/writes/", query_params={"cursor": cursor(direction, number)})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("webhook-replays/", {}, ["non_field_errors"]),
        ("webhook-replays/", [], ["non_field_errors"]),
        ("webhook-replays/", {"webhooks": []}, ["webhooks"]),
        ("webhook-replays/", {"webhooks": [1, "x", 10**30, -1]}, ["webhooks/1", "webhooks/2", "webhooks/3"]),
        ("webhook-replays/", {"webhooks": [1] * 1001}, ["webhooks"]),
        ("webhook-replays/", {"webhooks": [1], "source": 1}, ["webhooks"]),
        ("webhook-replays/", {"received_since": NOON[:-1], "received_before": NOON}, ["received_since"]),
        ("webhook-replays/", {"received_since": NOON, "received_before": NOON}, ["received_before"]),
        ("webhook-replays/", {"only_failed": "perhaps"}, ["only_failed"]),
        ("unmatched/{join}/assign/", {"work_order": 10**30}, ["work_order"]),
        ("unmatched/{join}/assign/", {"work_order": 999}, ["work_order"]),
        ("unmatched/{join}/assign/", {"work_order": 1, "system": "erp", "external_id": "a"}, ["non_field_errors"]),
        ("unmatched/{join}/assign/", {"system": "nowhere", "external_id": "a"}, ["system"]),
        ("unmatched/{join}/assign/", {"system": "nowhere", "external_id": "a\x00b"}, ["external_id"]),
        ("unmatched/{join}/assign/", {"colour": "red"}, ["colour"]),
        ("writes/{write}/decide/", {"decision": "burn"}, ["decision"]),
        ("writes/{write}/decide/", {"decision": "choose"}, ["record"]),
        ("writes/{write}/decide/", {"decision": "done", "record": "1"}, ["record"]),
        ("scripts/progress-1/run/", {"source_type": "workorder"}, ["source_id"]),
        ("scripts/progress-1/run/", {"source_id": "1"}, ["source_type"]),
        ("scripts/progress-1/run/", {"source_type": "nothing", "source_id": "0x1"}, ["source_id", "source_type"]),
        ("scripts/progress-1/run/", {"source_type": "workorder", "source_id": "9" * 19}, ["source_id"]),
        ("scripts/progress-1/run/", {"source_type": "photo", "source_id": "999"}, ["source_id"]),
        ("scripts/progress-1/run/", {"source_type": "worklink.call", "source_id": "999"}, ["source_id"]),
        ("scripts/progress-1/run/", {"source_type": "script", "source_id": "1"}, ["source_id"]),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_by_its_path(call: Call, path: str, body: Any, fields: list[str]) -> None:
    rows = make_everything(1)

    answer = call("post", "/api/v1/" + path.format(join=rows["join"].pk, write=rows["write"].pk), body)

    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, sorted(fields))
    assert all(isinstance(each, str) for said in answer.json()["errors"].values() for each in said)
    assert Join.objects.unmatched().count() == WorkOrder.objects.count() == 1


@pytest.mark.parametrize("key", ["k" * 201, "a\tb", ""])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(call: Call, key: str) -> None:
    rows = make_everything(1)

    answer = call("post", f"/api/v1/unmatched/{rows['join'].pk}/dismiss/", headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert Join.objects.unmatched().count() == 1


def test_more_parameters_than_are_read_are_refused(call: Call) -> None:
    answer = call("get", "/api/v1/writes/?" + "&".join(f"a{number}=1" for number in range(1100)))

    assert (answer.status_code, answer.json()["code"]) == (400, "refused")


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer \xff", "Bearer x" * 50, "Basic YTpi", "Bearer a\x00b"])
def test_a_token_that_is_none_is_refused(client: Client, value: str) -> None:
    answer = client.get("/api/v1/writes/", headers={"Authorization": value})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_the_limit_is_told_before_it_is_reached_and_when_it_is(client: Client, settings: Settings) -> None:
    settings.API_RATE = "2/min"
    mine, other = bearer("writes:read"), bearer("writes:read")

    answers = [client.get("/api/v1/writes/", headers=mine) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert answers[0]["RateLimit-Policy"] == '"token";q=2;w=60'
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert client.get("/api/v1/writes/", headers=other).status_code == 200


@pytest.mark.parametrize(("path", "kind"), [("/api/v1/writes/", "application/problem+json"), ("/admin/", "text/html")])
def test_a_fault_of_ours_tells_a_program_where_to_look(monkeypatch: pytest.MonkeyPatch, path: str, kind: str) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(APIView, "dispatch", broken)
    monkeypatch.setattr(AdminSite, "has_permission", broken)

    answer = Client(raise_request_exception=False).get(path)

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (500, kind)
    assert b"secret words" not in answer.content
    assert answer["X-Correlation-Id"]
