"""What holds for each operation of the API, found by walking over its document."""

from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.connections.models import Workspace
from integrations.core import remembered
from integrations.core.work import WorkState
from integrations.events.models import Endpoint, Event, EventFilter
from integrations.inbox.models import ReceivedWebhook, Replay
from integrations.outbox.models import Delivery, Resend
from integrations.platforms.worklink.models import IssuedLink
from integrations.scripts.models import ScriptRun
from integrations.sync.models import RecordWrite, WriteState
from integrations.workorders.models import Join, WorkOrder
from tests.api.calling import Call, Operation, all_scopes, caller, operations
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db
ALL = operations()
LISTS = [operation for operation in ALL if operation.is_list and operation.method == "get"]
NAMED = [operation for operation in ALL if "{" in operation.path]
ACTING = [operation for operation in ALL if operation.method in ("post", "put", "patch")]
FORMATS = {"date-time": "2026-03-01T12:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000"}
BODIES: dict[str, Any] = {
    "assign_unmatched": {"work_order": 1},
    "create_endpoint": {"type": "WEB_HOOK", "name": "door", "url": "https://hook.example.test/"},
    "create_event_filter": {"name": "roi", "event_types": ["ROI"]},
    "decide_write": {"decision": "give_up"},
    "replay_webhooks": {"received_since": "2020-01-01T00:00:00Z", "received_before": "2030-01-01T00:00:00Z"},
    "resend_deliveries": {"created_since": "2020-01-01T00:00:00Z", "created_before": "2030-01-01T00:00:00Z"},
}


def body_of(operation: Operation, rows: dict[str, Any]) -> Any:
    if operation.spec["operationId"] == "assign_unmatched":
        return {"work_order": rows["order"].pk}
    if operation.spec["operationId"] == "issue_link":
        return {"work_order": rows["order"].pk, "template": rows["link_template"].slug}
    return BODIES.get(operation.spec["operationId"], {})


def what_is_there() -> list[Any]:
    """Return what operations could have changed."""
    events = (Event, Endpoint, EventFilter, Delivery, Resend)
    models = (WorkOrder, Join, IssuedLink, RecordWrite, ReceivedWebhook, Replay, ScriptRun, *events)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_without_a_token_nobody_gets_in(client: Client, operation: Operation) -> None:
    rows = make_everything(1)
    before = what_is_there()

    answer = getattr(client, operation.method)(operation.url(rows))

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert (answer["Content-Type"], answer.json()["code"]) == ("application/problem+json", "not_authenticated")
    assert what_is_there() == before


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_a_token_without_the_scope_is_told_which_one_it_lacks(client: Client, operation: Operation) -> None:
    rows = make_everything(1)
    before = what_is_there()

    answer = caller(client, "no:scope")(operation.method, operation.url(rows))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    (lacking,) = [scope for scope in all_scopes() if f"{scope}" in answer.json()["title"]]
    all_but_one = caller(client, *(set(all_scopes()) - {lacking}))
    assert all_but_one(operation.method, operation.url(rows)).status_code == 403
    assert caller(client, lacking)(operation.method, operation.url(rows)).status_code != 403
    if operation.method == "get":
        assert what_is_there() == before


@pytest.mark.parametrize("operation", NAMED, ids=str)
def test_a_row_of_another_workspace_is_not_there(client: Client, operation: Operation) -> None:
    rows = make_everything(1)
    stranger = caller(client, workspace=Workspace.objects.create(slug="other", name="Other"))
    before = what_is_there()

    answer = stranger(operation.method, operation.url(rows), body_of(operation, rows) if operation in ACTING else None)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert what_is_there() == before


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_shows_nothing_of_another_workspace(client: Client, operation: Operation) -> None:
    make_everything(1)
    stranger = caller(client, workspace=Workspace.objects.create(slug="other", name="Other"))

    assert stranger("get", operation.path).json() == {"next": None, "previous": None, "results": []}
    assert caller(client)("get", operation.path).json()["results"]


def test_what_is_named_in_a_body_must_be_of_the_workspace(client: Client) -> None:
    rows, mine = make_everything(1), Workspace.objects.create(slug="other", name="Other")
    foreign = make_everything(2)
    for name in ("connection", "system"):
        foreign[name].workspace = mine
        foreign[name].save()
    for name in ("order", "join"):
        type(foreign[name]).objects.filter(pk=foreign[name].pk).update(workspace=mine)
    stranger, before = caller(client, workspace=mine), what_is_there()
    assign = f"/api/v1/unmatched/{foreign['join'].pk}/assign/"

    answers = [
        stranger("post", assign, {"work_order": rows["order"].pk}),
        stranger("post", assign, {"system": rows["system"].slug, "external_id": "WO-9"}),
        stranger("post", "/api/v1/webhook-replays/", {"webhooks": [foreign["received"].pk, rows["received"].pk]}),
        stranger("post", "/api/v1/webhook-replays/", {**BODIES["replay_webhooks"], "source": rows["source"].pk}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert [list(answer.json()["errors"]) for answer in answers] == [
        ["work_order"],
        ["system"],
        ["webhooks"],
        ["source"],
    ]
    assert what_is_there() == before


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(call: Call, operation: Operation) -> None:
    path = f"{operation.path}?page_size=200"
    make_everything(1)
    call("get", path)  # notes that the token is used
    remembered.forget()
    with CaptureQueriesContext(connection) as for_one:
        one = len(call("get", path).json()["results"])
    for number in (2, 3):
        make_everything(number)

    remembered.forget()
    with CaptureQueriesContext(connection) as for_three:
        three = len(call("get", path).json()["results"])

    assert (one > 0, three) == (True, 3 * one)
    assert len(for_three) == len(for_one)


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_reads_no_large_column(call: Call, operation: Operation) -> None:
    make_everything(1)

    with CaptureQueriesContext(connection) as asked:
        call("get", operation.path)

    read = " ".join(query["sql"] for query in asked)
    large = ["body", "headers", "document", "external_data", "request", "answer", "read_back"]
    large += ["metadata", "input", "logs", "result", "credentials", "secrets", "settings"]
    assert [name for name in large if f'"{name}"' in read] == []


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_takes_each_order_and_pages_through_it_both_ways(call: Call, operation: Operation) -> None:
    for number in (1, 2, 3):
        make_everything(number)
    orderings = next(each for each in operation.spec["parameters"] if each["name"] == "ordering")["schema"]["enum"]

    for ordering in orderings:
        path = f"{operation.path}?ordering={ordering}"
        whole = [row["id"] for row in call("get", path).json()["results"]]
        page = call("get", f"{path}&page_size=2").json()
        there = [[row["id"] for row in page["results"]]]
        while page["next"]:
            page = call("get", page["next"]).json()
            there.append([row["id"] for row in page["results"]])
        back = [there[-1]]
        while page["previous"]:
            page = call("get", page["previous"]).json()
            back.append([row["id"] for row in page["results"]])

        assert list(chain.from_iterable(there)) == whole
        assert len(whole) >= 3
        assert {len(ids) for ids in there[:-1]} == {2}
        assert back == there[::-1]


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_each_condition_is_taken_and_an_unknown_or_empty_one_refused(call: Call, operation: Operation) -> None:
    make_everything(1)
    values = {"integer": "7", "boolean": "true", "string": "x"}

    for parameter in operation.spec["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        if name in ("cursor", "ordering"):
            continue
        inner = schema.get("items", schema)
        value = inner["enum"][0] if "enum" in inner else values[inner["type"]]
        value = FORMATS.get(inner.get("format"), value)
        assert call("get", operation.path, query_params={name: value}).status_code == 200, name
        assert call("get", f"{operation.path}?{name}=").json()["errors"].keys() == {name}
        assert call("get", f"{operation.path}?{name}=%00%25s%FF").json()["errors"].keys() == {name}
    assert call("get", f"{operation.path}?colour=red").json()["errors"].keys() == {"colour"}


@pytest.mark.parametrize("operation", ACTING, ids=str)
def test_an_action_with_the_same_key_is_carried_out_once(call: Call, operation: Operation) -> None:
    rows = make_everything(1)
    RecordWrite.objects.update(state=WriteState.UNSURE if "decide" in operation.path else WriteState.FAILED, verdict="")
    body, key = body_of(operation, rows), {"Idempotency-Key": "5f1c"}

    first = call(operation.method, operation.url(rows), body, headers=key)
    after = what_is_there()
    again = call(operation.method, operation.url(rows), body, headers=key)
    other = call(operation.method, operation.url(rows) + "?another=request", body, headers=key)

    assert first.status_code in (200, 201, 202)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (first.status_code, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert what_is_there() == after


DETAILS = [each for each in NAMED if each.method == "get" and "304" in each.spec["responses"]]


@pytest.mark.parametrize("operation", DETAILS, ids=str)
def test_what_is_known_already_is_not_sent_again(call: Call, operation: Operation) -> None:
    rows = make_everything(1)
    first = call("get", operation.url(rows))

    same = call("get", operation.url(rows), headers={"If-None-Match": first["ETag"]})
    other = call("get", operation.url(rows), headers={"If-None-Match": '"other"'})

    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")
    assert (other.status_code, other.json()) == (200, first.json())


def test_a_filter_finds_its_rows_and_no_others(call: Call) -> None:
    rows, other = make_everything(1), make_everything(2)
    order = rows["order"]
    ReceivedWebhook.objects.filter(pk=other["received"].pk).update(state=WorkState.DONE, subject="workorder/999")
    found = {
        "work-orders/?external_id=WO-000001": order.pk,
        f"photos/?work_order={order.pk}": rows["photo"].pk,
        "photos/?external_id=WO-000001": rows["photo"].pk,
        f"unmatched/?connection={rows['connection'].slug}": rows["join"].pk,
        f"sessions/?work_order={order.pk}": rows["session"].pk,
        "sessions/?external_id=WO-000001": rows["session"].pk,
        f"calls/?connection={rows['connection'].slug}": rows["call"].pk,
        "webhooks/?state=FAILED&state=SKIPPED": rows["received"].pk,
        "webhooks/?resource_id=node-1": rows["received"].pk,
        "webhooks/?work_order=999": other["received"].pk,
        "writes/?record=WO-000001": rows["write"].pk,
        f"writes/?system={rows['system'].slug}&verdict=DRIFTED": rows["write"].pk,
        "writes/?external_id=WO-000001&kind=OPERATION": rows["write"].pk,
        "runs/?script=progress-1&state=FAILED": rows["run"].pk,
        "runs/?external_id=WO-000001&state=DONE": rows["runs"]["done"].pk,
        f"runs/?work_order={order.pk}&state=WAITING&trigger=EVENT": rows["runs"]["waiting"].pk,
    }

    for query, pk in found.items():
        assert [row["id"] for row in call("get", f"/api/v1/{query}").json()["results"]] == [pk], query
    assert call("get", "/api/v1/writes/?external_id=unknown").json()["results"] == []
