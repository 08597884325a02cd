"""`core.graphql` against the sample system of record, through a real client."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.core.errors import AuthFailed, Captured, PermanentError, TransientError, Unsure
from integrations.core.graphql import execute, parsed
from integrations.core.http import OutboundClient
from tests.connections.conftest import BEARER
from tests.core.local_servers import Reply, serving
from tests.simulators.running import RunningRecord

ORDER = "query Order($number: ID!) { order(number: $number) { number status } }"
UPDATE = """mutation Update($number: ID!, $fields: OrderFields!) {
  updateOrder(number: $number, fields: $fields) { order { status } errors { code } }
}"""
DONE = {"number": "WO-1", "fields": {"status": "done"}}


@pytest.fixture
def client(record: RunningRecord) -> OutboundClient:
    record.control.add_order("WO-1")
    return OutboundClient(base_url=record.url, headers=BEARER)


@pytest.fixture
def strange(settings: Settings) -> Iterator[OutboundClient]:
    """A server that answers 200 with a page for people."""
    with serving(lambda seen: Reply(body=b"<html>Sign in</html>")) as server:
        settings.OUTBOUND_ALLOW = [urlsplit(server.url).netloc]
        yield OutboundClient(base_url=server.url)


def test_a_query_returns_its_data(client: OutboundClient) -> None:
    reply = execute(client, "/graphql", ORDER, {"number": "WO-1"}, effect=False)

    assert (reply.data, reply.errors) == ({"order": {"number": "WO-1", "status": "open"}}, [])
    assert "application/json" in reply.headers["content-type"]


def test_a_mutation_changes_and_is_an_effect_by_itself(client: OutboundClient, record: RunningRecord) -> None:
    reply = execute(client, "/graphql", UPDATE, DONE)

    assert reply.data == {"updateOrder": {"order": {"status": "done"}, "errors": []}}
    assert len(record.control.effects()) == 1


def test_a_mutation_is_captured_and_a_query_is_not(client: OutboundClient, record: RunningRecord) -> None:
    client.capture = True

    with pytest.raises(Captured):
        execute(client, "/graphql", UPDATE, DONE)

    assert record.control.effects() == []
    assert execute(client, "/graphql", ORDER, {"number": "WO-1"}).data


def test_errors_come_back_as_the_server_sent_them(client: OutboundClient) -> None:
    reply = execute(client, "/graphql", "{ nothing }", {}, effect=False)

    assert reply.data is None
    assert "nothing" in reply.errors[0]["message"]
    assert reply.messages == reply.errors[0]["message"]


def test_partial_data_is_kept_beside_its_errors(client: OutboundClient, record: RunningRecord) -> None:
    record.control.fault("partial", field="status")

    reply = execute(client, "/graphql", ORDER, {"number": "WO-1"})

    assert reply.data == {"order": {"number": "WO-1", "status": None}}
    assert len(reply.errors) == 1


def test_refused_credentials_are_our_error(client: OutboundClient) -> None:
    client.headers = {"Authorization": "Bearer wrong"}

    with pytest.raises(AuthFailed):
        execute(client, "/graphql", ORDER, {"number": "WO-1"})


def test_an_unavailable_server_is_worth_another_try(client: OutboundClient, record: RunningRecord) -> None:
    record.control.fault("status", status=503, retry_after="7")

    with pytest.raises(TransientError) as caught:
        execute(client, "/graphql", ORDER, {"number": "WO-1"})

    assert caught.value.retry_after == 7


def test_a_page_for_people_is_not_an_answer(strange: OutboundClient) -> None:
    with pytest.raises(PermanentError, match="not GraphQL") as caught:
        execute(strange, "/graphql", "{ a }", {})

    assert "Sign in" in caught.value.body_start


def test_a_mutation_with_an_answer_that_says_nothing_is_unsure(strange: OutboundClient) -> None:
    with pytest.raises(Unsure):
        execute(strange, "/graphql", "mutation { a }", {})


@pytest.mark.parametrize("document", ["", "query {", "{ a } mutation { b }", "{" * 5000])
def test_what_is_not_one_graphql_operation_is_refused_unsent(
    document: str, client: OutboundClient, record: RunningRecord
) -> None:
    with pytest.raises(PermanentError, match="GraphQL document"):
        execute(client, "/graphql", document, {})

    assert record.control.state.log.total == 0


def test_variables_that_are_not_json_are_refused_unsent(client: OutboundClient, record: RunningRecord) -> None:
    with pytest.raises(PermanentError, match="variables"):
        execute(client, "/graphql", ORDER, {"number": float("nan")})

    assert record.control.state.log.total == 0


def test_a_document_is_parsed_once() -> None:
    assert parsed(ORDER) is parsed(ORDER)
