"""Endpoints and event filters by GraphQL: the acceptance cases of the sheet, and what the API alone decides."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from integrations.connections.models import Workspace
from integrations.events.models import Endpoint, EventFilter
from integrations.events.services import filtering, subscribing
from integrations.outbox.models import Destination
from tests.events import payloads
from tests.events.graphql.conftest import Ask, asking, new_token, only

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = "id name type meta workspaceId creationDate lastModified"
NEW_FILTER = """mutation ($in: ConditionFields!, $ids: [ID!], $name: String) {
  createEventFilters(eventFiltersInput: {in: $in}, name: $name, endpointIds: $ids) {
    id name meta workspaceId creationDate lastModified conditions { cameraIds agentIds profileGroupIds eventTypes }
    endpoints { id type }
  }
}"""


def test_o01_a_websocket_endpoint_is_made(ask: Ask, space: int) -> None:
    made = ask(f'mutation {{ createWebSocketEndpoint(name: "a") {{ {FIELDS} }} }}')["data"]["createWebSocketEndpoint"]

    assert (made["type"], made["meta"], made["workspaceId"]) == ("WEB_SOCKET", {}, str(space))
    assert made["creationDate"] == made["lastModified"]
    assert datetime.fromisoformat(made["creationDate"]) == Endpoint.objects.get(pk=made["id"]).created_at


def test_o02_a_webhook_endpoint_is_made(ask: Ask) -> None:
    new = 'createWebhookEndpoint(name: "door", url: "https://hook.example/omni", method: "POST")'
    made = ask(f"mutation NewHook {{ {new} {{ id type meta }} }}")["data"]["createWebhookEndpoint"]

    assert made["type"] == "WEB_HOOK"
    assert made["meta"] == {"url": "https://hook.example/omni", "method": "POST"}
    assert Endpoint.objects.get().destination


@pytest.mark.parametrize(
    ("arguments", "named", "code"),
    [
        ("", "(url:)", "GRAPHQL_VALIDATION_FAILED"),
        ('url: "ftp://x"', "url: ", "BAD_USER_INPUT"),
        ('url: "https://hook.example", method: "TRACE"', "method: ", "BAD_USER_INPUT"),
        ('url: "https://hook.example/\\u0000"', "url: ", "BAD_USER_INPUT"),
    ],
)
def test_o03_o04_a_wrong_webhook_is_refused_by_the_name_of_its_argument(
    ask: Ask, arguments: str, named: str, code: str
) -> None:
    error = only(ask(f'mutation {{ createWebhookEndpoint(name: "h" {arguments}) {{ id }} }}'))

    assert error["code"] == code
    assert named in error["message"]
    assert not Endpoint.objects.exists()
    assert not Destination.objects.exists()


def test_o07_what_another_workspace_has_is_not_found_and_unchanged(
    client: Client, ask: Ask, space: int, other: Workspace
) -> None:
    mine = subscribing.create_websocket(space, name="mine", now=NOON)
    row = filtering.create_filter(space, given={}, name="f", endpoint_ids=[mine.pk], now=NOON).filter
    theirs = asking(client, new_token(workspace=other))
    tries = {
        f'updateEndpoint(id: "{mine.pk}", name: "x") {{ id }}': "endpoint",
        f'deleteEndpoint(id: "{mine.pk}") {{ ok }}': "endpoint",
        f'deleteEndpoints(ids: ["{mine.pk}"]) {{ ok }}': "endpoint",
        f'updateEventFilters(id: "{row.pk}", name: "x") {{ id }}': "event filter",
        f'deleteEventFilters(ids: ["{row.pk}"]) {{ ok }}': "event filter",
        f'createEventFilters(eventFiltersInput: {{in: {{}}}}, endpointIds: ["{mine.pk}"]) {{ id }}': "endpoint",
    }
    foreign = {name: only(theirs(f"mutation {{ {name} }}")) for name in tries}
    unknown = {
        name: only(ask(f"mutation {{ {name.replace(str(mine.pk), str(uuid4()))} }}")) for name in list(tries)[:3]
    }
    listed = theirs("{ endpoints { totalCount } eventsFilters { totalCount collectionItems { id } } }")["data"]
    fed = only(theirs(f'{{ eventFeed(endpointId: "{mine.pk}") {{ nextCursor }} }}'))

    assert all(f"no such {kind}" in foreign[name]["message"] for name, kind in tries.items())
    assert {error["code"] for error in list(foreign.values())[:5]} == {"NOT_FOUND"}
    assert all(error["message"] == foreign[name]["message"] for name, error in unknown.items())
    assert listed == {"endpoints": {"totalCount": 0}, "eventsFilters": {"totalCount": 0, "collectionItems": []}}
    assert fed["code"] == "NOT_FOUND"
    assert [Endpoint.objects.get().name, EventFilter.objects.get().name] == ["mine", "f"]


def test_o19_a_filter_is_read_back_with_its_conditions_and_endpoints(ask: Ask, space: int) -> None:
    hook = subscribing.create_webhook(space, name="h", url="https://hook.example", now=NOON)
    given = {"cameraIds": [payloads.camera()], "eventTypes": ["identification", "session.*"]}
    made = ask(NEW_FILTER, **{"in": given, "ids": [str(hook.pk)], "name": "gate"})["data"]["createEventFilters"]
    ask(NEW_FILTER, **{"in": {}, "ids": None, "name": None})

    query = f"""query ($id: ID) {{ eventsFilters(filters: {{id: {{exact: $id}}}}) {{ totalCount collectionItems {{
      id name meta conditions {{ cameraIds agentIds profileGroupIds eventTypes }} endpoints {{ {FIELDS} }} }} }} }}"""
    found = ask(query, id=made["id"])["data"]["eventsFilters"]

    [row] = found["collectionItems"]
    assert (found["totalCount"], row["id"], row["name"]) == (1, made["id"], "gate")
    assert row["conditions"] == made["conditions"]
    assert row["conditions"]["eventTypes"] == ["IDENTIFICATION", "session.*"]
    assert row["conditions"]["cameraIds"] == row["meta"]["in"]["cameraIds"] == [payloads.camera()]
    assert row["endpoints"][0]["meta"] == {"url": "https://hook.example", "method": "POST"}


def test_linking_and_unlinking_the_only_filter_is_said(ask: Ask, space: int) -> None:
    door = subscribing.create_websocket(space, name="door", now=NOON)

    first = ask(NEW_FILTER, **{"in": {}, "ids": [str(door.pk)]})
    pk = first["data"]["createEventFilters"]["id"]
    last = ask("mutation ($ids: [ID!]!) { deleteEventFilters(ids: $ids) { ok } }", ids=[pk])

    assert "those that match" in first["extensions"]["warnings"][0]
    assert "every event" in last["extensions"]["warnings"][0]
    assert last["data"] == {"deleteEventFilters": {"ok": True}}


def test_an_update_changes_what_is_given_and_keeps_what_the_api_cannot_name(ask: Ask, space: int) -> None:
    door = subscribing.create_websocket(space, name="door", now=NOON)
    given: dict[str, Any] = {"workOrder": {"site": ["Lyon"]}, "agentIds": [payloads.AGENT]}
    row = filtering.create_filter(space, given=given, name="f", endpoint_ids=[door.pk], now=NOON).filter

    answer = ask(
        """mutation ($f: ID!, $e: ID!) {
          updateEventFilters(id: $f, eventFiltersInput: {in: {eventTypes: ["roi"]}}) { name meta endpoints { id } }
          updateEndpoint(id: $e, name: "gate") { name creationDate lastModified }
        }""",
        f=str(row.pk),
        e=str(door.pk),
    )["data"]

    conditions = answer["updateEventFilters"]["meta"]["in"]
    assert (conditions["workOrder"], conditions["agentIds"]) == ({"site": ["Lyon"]}, [])
    assert conditions["eventTypes"] == ["ROI"]
    assert answer["updateEventFilters"]["endpoints"] == [{"id": str(door.pk)}]
    assert answer["updateEndpoint"]["lastModified"] > answer["updateEndpoint"]["creationDate"]


def test_endpoints_are_deleted_all_or_none_and_their_filters_stay(ask: Ask, space: int) -> None:
    a, b = (subscribing.create_websocket(space, name=name, now=NOON) for name in "ab")
    hook = subscribing.create_webhook(space, name="h", url="https://hook.example", now=NOON)
    filtering.create_filter(space, given={}, endpoint_ids=[a.pk, hook.pk], now=NOON)
    several = "mutation ($ids: [ID!]!) { deleteEndpoints(ids: $ids) { ok } }"

    refused = only(ask(several, ids=[str(a.pk), str(uuid4())]))
    assert (refused["code"], Endpoint.objects.count()) == ("NOT_FOUND", 3)

    answers = [
        ask(several, ids=[str(a.pk), str(hook.pk)]),
        ask("mutation ($id: ID!) { deleteEndpoint(id: $id) { ok } }", id=str(b.pk)),
    ]
    assert [list(each["data"].values()) for each in answers] == [[{"ok": True}], [{"ok": True}]]
    assert not Endpoint.objects.exists()
    assert not EventFilter.objects.get().endpoints.exists()


def test_a_webhook_moves_and_a_websocket_has_no_address(ask: Ask, space: int) -> None:
    hook = subscribing.create_webhook(space, name="h", url="https://hook.example", now=NOON)
    door = subscribing.create_websocket(space, name="door", now=NOON)
    move = """mutation ($id: ID!, $u: String, $m: String) {
      updateEndpoint(id: $id, url: $u, method: $m) { name meta } }"""

    moved = ask(move, id=str(hook.pk), u="https://hook.example/2", m="PUT")["data"]["updateEndpoint"]
    refused = only(ask(move, id=str(door.pk), u="https://hook.example"))

    assert moved == {"name": "h", "meta": {"url": "https://hook.example/2", "method": "PUT"}}
    assert (refused["code"], refused["extensions"]["argument"]) == ("BAD_USER_INPUT", "url")


def test_of_a_mutation_with_an_error_nothing_is_kept(ask: Ask) -> None:
    error = only(
        ask(
            """mutation {
              a: createWebSocketEndpoint(name: "a") { id }
              b: createEventFilters(eventFiltersInput: {in: {cameraIds: ["door"]}}) { id }
            }"""
        )
    )

    assert (error["path"], error["extensions"]["argument"]) == (["b"], "cameraIds")
    assert "“door” is not an id" in error["message"]
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("key", ["creationDate", "creation_date", "lastModified", "last_modified"])
def test_filters_are_ordered_by_either_spelling_of_a_key(ask: Ask, space: int, key: str) -> None:
    for number in range(3):
        at = NOON + timedelta(hours=number)
        filtering.create_filter(space, given={}, name=str(number), now=at)
    listed = "{ collectionItems { name } totalCount }"

    up = ask(f"{{ eventsFilters(order: {{{key}: ASC}}, pagination: {{offset: 1, limit: 1}}) {listed} }}")
    newest_first = ask(f"{{ eventsFilters {listed} }}")

    assert up["data"]["eventsFilters"] == {"collectionItems": [{"name": "1"}], "totalCount": 3}
    assert [row["name"] for row in newest_first["data"]["eventsFilters"]["collectionItems"]] == ["2", "1", "0"]


def test_endpoints_are_narrowed_by_type_and_ids(ask: Ask, space: int) -> None:
    sockets = [subscribing.create_websocket(space, name=name, now=NOON) for name in ("a", "b")]
    hook = subscribing.create_webhook(space, name="h", url="https://hook.example", now=NOON)
    query = "query ($f: EndpointFilters) { endpoints(filters: $f) { totalCount collectionItems { name } } }"

    hooks = ask(query, f={"type": {"exact": "WEB_HOOK"}})["data"]["endpoints"]
    two = ask(query, f={"id": {"in": [str(sockets[0].pk), str(hook.pk), str(uuid4())]}})["data"]["endpoints"]
    none = ask(query, f={"id": {"in": []}})["data"]["endpoints"]

    assert hooks == {"totalCount": 1, "collectionItems": [{"name": "h"}]}
    assert two["totalCount"] == 2
    assert none == {"totalCount": 0, "collectionItems": []}


def test_lists_cost_as_many_queries_for_fifty_rows_as_for_one(
    ask: Ask, space: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def add(number: int) -> None:
        url = f"https://hook.example/{number}"
        hook = subscribing.create_webhook(space, name=f"h{number}", url=url, now=NOON)
        filtering.create_filter(space, given={}, endpoint_ids=[hook.pk], now=NOON)

    query = f"{{ eventsFilters {{ totalCount collectionItems {{ id endpoints {{ {FIELDS} }} }} }}"
    query += f" endpoints {{ totalCount collectionItems {{ {FIELDS} }} }} }}"
    add(0)
    ask(query)  # notes that the token is used
    with django_assert_num_queries(8):
        one = ask(query)
    for number in range(1, 50):
        add(number)
    with django_assert_num_queries(8):
        fifty = ask(query)

    assert [each["data"]["endpoints"]["totalCount"] for each in (one, fifty)] == [1, 50]
    assert len(fifty["data"]["eventsFilters"]["collectionItems"]) == 50
