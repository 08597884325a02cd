"""Who is answered, and what is no request; requests that are too large cost little and harm nobody."""

import json
import time
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from graphql import build_schema, get_introspection_query
from pytest_django.fixtures import Settings

from integrations.events import access
from integrations.events.graphql import limits, queries, running
from integrations.events.graphql.schema import RESOLVERS, SDL
from integrations.events.models import Endpoint
from tests.events.graphql.conftest import URL, Ask, asking, new_token, only

pytestmark = pytest.mark.django_db
NEW = 'mutation { createWebSocketEndpoint(name: "a") { id } }'


def send(client: Client, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(URL, raw, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    "query", [NEW, "{ endpoints { totalCount } }", "{ __schema { types { name } } }", "{ nothing", ""]
)
@pytest.mark.parametrize("headers", [{}, {"token": "wrong"}, {"authorization": "Bearer fp_wrong"}])
def test_o43_without_a_token_every_operation_is_answered_alike(
    client: Client, query: str, headers: dict[str, str]
) -> None:
    answer = send(client, {"query": query}, **headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["UNAUTHENTICATED"]
    assert answer.content == send(client, b"not even JSON").content
    assert not Endpoint.objects.exists()


def test_a_token_is_taken_as_bearer_too(client: Client) -> None:
    answer = send(client, {"query": "{ __typename }"}, authorization=f"Bearer {new_token()}")

    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("scope", "query"),
    [
        (access.READ, "{ endpoints { totalCount } }"),
        (access.READ, "{ eventsFilters { totalCount } }"),
        (access.MANAGE_READ, "{ events { totalCount } }"),
        (access.MANAGE_READ, "{ eventFeed { nextCursor } }"),
        (access.MANAGE_READ, NEW),
    ],
)
def test_a_token_does_what_its_scopes_allow(client: Client, scope: str, query: str) -> None:
    error = only(asking(client, new_token(scope))(query))

    assert error["code"] == "FORBIDDEN"
    assert error["extensions"]["scope"] in error["message"]
    assert not Endpoint.objects.exists()


def test_every_root_field_has_a_resolver_and_every_resolver_a_field() -> None:
    schema = build_schema(SDL.read_text())

    assert schema.query_type
    assert schema.mutation_type
    fields = {each.name: set(each.fields) for each in (schema.query_type, schema.mutation_type)}
    assert fields == {name: set(resolvers) for name, resolvers in RESOLVERS.items()}


def test_the_schema_is_told_to_tokens_unless_that_is_switched_off(ask: Ask, settings: Settings) -> None:
    shown = ask(get_introspection_query())
    settings.GRAPHQL_INTROSPECTION = False
    hidden = ask(get_introspection_query())
    typo = only(ask("{ endpoint { totalCount } }"))

    assert {each["name"] for each in shown["data"]["__schema"]["types"]} >= {"EventFiltersOutput", "EventPage"}
    assert "data" not in hidden
    assert "introspection" in hidden["errors"][0]["message"]
    assert "endpoints" not in typo["message"]


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    answer = getattr(client, method)(f"{URL}?query={{__typename}}", headers={"token": new_token()})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b" ", 400, "JSON"),
        (b'{"query": "{ __typename }', 400, "JSON"),
        (b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]', 400, "each by itself"),
        (b'"{ __typename }"', 400, "query"),
        (b'{"query": 5}', 400, "query"),
        (b'{"query": "{ __typename }", "variables": []}', 400, "variables"),
        (b'{"query": "{ __typename }", "operationName": 7}', 400, "operationName"),
        (b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 40 + b"1" + b"}" * 41, 400, "levels"),
        (b'{"query": "{ __typename } #' + b"x" * 256 * 1024 + b'"}', 413, "bytes"),
        (b'{"query": "\xff"}', 400, "UTF-8"),
    ],
)
def test_what_is_no_request_is_refused(client: Client, body: bytes, status: int, named: str) -> None:
    answer = send(client, body, token=new_token())

    assert answer.status_code == status
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert named in error["message"]


def test_forms_are_not_read(client: Client) -> None:
    answer = client.post(URL, {"query": NEW}, headers={"token": new_token()})

    assert answer.status_code == 415
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ endpoints { totalCount }", "GRAPHQL_PARSE_FAILED"),
        ('{ endpoints(x: "\\ud800") { totalCount } }', "GRAPHQL_PARSE_FAILED"),
        ("{ endpoints }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { events { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on Query { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ('{ events(filters: {date: {gt: "yesterday"}}) { totalCount } }', "GRAPHQL_VALIDATION_FAILED"),
        ("query ($d: DateTime!) { events(filters: {date: {gt: $d}}) { totalCount } }", "BAD_USER_INPUT"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_graphql_refuses_has_a_code(ask: Ask, query: str, code: str) -> None:
    answer = ask(query)

    assert "data" not in answer or answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


def _doubling(levels: int) -> str:
    """Fragments that are spread twice each: 2^levels selections from a short text."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "{ ...F0 }" + " ".join(parts) + f" fragment F{levels} on Query {{ __typename }}"


BOMBS = {
    "deep": "{ endpoints " + "{ a " * 2000 + "}" * 2000 + "}",
    "deeper than the parser goes": "{a" * 4990,
    "deep lists": "{ endpoints(filters: " + "[" * 4900,
    "deep inline fragments": "{" + "... {" * 400 + "__typename" + "}" * 401,
    "aliases": "{" + " ".join(f"a{n}: endpoints {{ totalCount }}" for n in range(400)) + "}",
    "one field many times": "{ events { collectionItems {" + " id" * 2400 + "} } }",
    "one field many times in a fragment nobody uses": "{ __typename } fragment F on EventOutput {" + " id" * 2400 + "}",
    "fragments that double": _doubling(40),
    "a chain of fragments": "{ ...F0 } "
    + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(500))
    + " fragment F500 on Query { __typename }",
    "tokens": "{ __typename " + "@skip(if: false) " * 1000 + "}",
    "rows": "{" + " ".join(f"a{n}: events(pagination: {{limit: 1000}}) {{ collectionItems {{ id data type }} }}"
                         for n in range(20)) + "}",
    "introspection in circles": "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + "}" * 10,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_request_that_is_too_large_is_refused_in_little_time(ask: Ask, name: str) -> None:
    began = time.thread_time()
    answer = ask(BOMBS[name])

    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes <= {"QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
    assert "data" not in answer
    assert time.thread_time() - began < 5.0  # they would take minutes


def test_the_limit_of_a_list_counts_wherever_it_is_given(ask: Ask) -> None:
    many = "a: events(pagination: $p) { ...E } b: events(pagination: {limit: $n}) { ...E }"
    many += " c: eventFeed(limit: $n) { items { id } }"
    query = "query ($p: Pagination, $n: Int = 1000) {" + many + "} fragment E on EventCollection { collectionItems {"
    query += " id type date data agentId cameraId workspaceId creationDate lastModified activityId cursor"
    query += " a: id b: id c: id d: id e: id f: id g: id h: id i: id j: id k: id l: id m: id } }"

    assert only(ask(query, p={"limit": 1000}))["code"] == "QUERY_TOO_COMPLEX"
    assert "errors" not in ask(query, p={"limit": 10}, n=10)


def test_a_token_asks_as_often_as_the_settings_say(client: Client, settings: Settings) -> None:
    settings.API_RATE = "2/min"
    token, other = new_token(), new_token()

    answers = [send(client, {"query": NEW}, token=each) for each in (token, token, token, other)]

    assert [each.status_code for each in answers] == [200, 200, 429, 200]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert Endpoint.objects.count() == 3


def test_an_error_does_not_repeat_the_whole_request(ask: Ask) -> None:
    answer = ask('{ events(filters: {idd: "' + "x" * 100_000 + '"}) { totalCount } }')

    assert answer["errors"]
    assert len(json.dumps(answer)) < 5_000


def test_a_fault_of_ours_is_told_without_its_words(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(queries, "log_of", fail)

    error = only(ask("{ events { totalCount } }"))

    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["correlationId"]
    assert "secret" not in json.dumps(error)


def test_a_database_that_is_away_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **options: object) -> None:
        raise OperationalError("server closed the connection")

    token = new_token()
    monkeypatch.setattr(queries, "log_of", away)
    within = send(client, {"query": "{ events { totalCount } }"}, token=token)
    monkeypatch.setattr(running, "parse", away)
    before = send(client, {"query": "{ events { totalCount } }"}, token=token)

    for answer in (within, before):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert b"closed" not in answer.content


def test_an_answer_that_is_too_large_is_not_sent_and_of_its_mutation_nothing_is_kept(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 60)

    error = only(ask('mutation { createWebSocketEndpoint(name: "a name of some length") { id name type meta } }'))

    assert error["code"] == "QUERY_TOO_COMPLEX"
    assert "at most 60 are sent" in error["message"]
    assert "limit" in error["message"]
    assert not Endpoint.objects.exists()
