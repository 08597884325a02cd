import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from tests.simulators.running import RunningWorkLink, running_worklink
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN

SESSION_QUERY = """
query PortalScenarioSession($id: ID!, $n: Int!) {
  node(id: $id) {
    __typename
    id
    ... on ScenarioSession {
      databaseId state sessionType startedAt endedAt duration idleDuration
      numberOfStepsPossible numberOfStepsViewed percentOfStepsViewed externalData
      scenarioRelease { version publishedAt scenario { id name originGroup { id name } } }
      steps(first: $n) {
        nodes { scenarioStep { name orderIndex scenarioSequence { name } } }
        pageInfo { hasNextPage endCursor }
      }
      events(first: $n) {
        nodes { id type createdAt receivedAt eventData externalData photo { fileUrl } }
        pageInfo { hasNextPage endCursor }
      }
      parts(first: $n, orderBy: { attribute: "startedAt", direction: DESC }) {
        nodes { databaseId createdBy { id name } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


@dataclass
class Listener:
    """A real receiver of webhooks that keeps what it got."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            listener.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/x/"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[RunningWorkLink]:
    with running_worklink() as running:
        yield running


@pytest.fixture
def cms(server: RunningWorkLink) -> RunningWorkLink:
    server.control.reset()
    return server


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as each:
        yield each


def ask(
    cms: RunningWorkLink, query: str, *, token: str = ALL_GROUPS_TOKEN, query_string: str = "", **variables: Any
) -> dict[str, Any]:
    answer = post(cms, query, authorization=f"Token token={token}", query_string=query_string, **variables)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def post(
    cms: RunningWorkLink, query: str, *, authorization: str, query_string: str = "", **variables: Any
) -> requests.Response:
    payload = {"query": query, "variables": variables}
    headers = {"Authorization": authorization}
    return requests.post(cms.graphql_url + query_string, json=payload, headers=headers, timeout=5)


def test_a_session_is_read_whole_as_the_sheet_asks_for_it(cms: RunningWorkLink) -> None:
    cms.control.set_clock("2024-05-14T09:00:00+00:00")
    session = cms.control.start_session({"work_order_id": "WO-000981"})
    cms.control.view_steps(session, count=5)
    cms.control.take_photo(session)
    cms.control.advance_clock(720)
    cms.control.finish_session(session)

    node = ask(cms, SESSION_QUERY, id=session, n=25)["data"]["node"]

    assert (node["__typename"], node["state"], node["databaseId"]) == ("ScenarioSession", "COMPLETED", "4101")
    assert (node["startedAt"], node["endedAt"], node["duration"]) == (
        "2024-05-14T09:00:00Z",
        "2024-05-14T09:12:00Z",
        720,
    )
    assert (node["numberOfStepsViewed"], node["percentOfStepsViewed"]) == (5, 100)
    assert node["externalData"] == {"work_order_id": "WO-000981"}
    assert [step["scenarioStep"]["orderIndex"] for step in node["steps"]["nodes"]] == [0, 1, 2, 3, 4]
    assert node["parts"]["nodes"][0]["createdBy"]["name"] == "Ada Fischer"


def test_the_fast_way_and_graphql_core_give_the_same_answer(cms: RunningWorkLink) -> None:
    cms.control.set_clock("2024-05-14T09:00:00+00:00")
    session = cms.control.start_session({"work_order_id": "WO-000981"})
    cms.control.view_steps(session, count=2)
    slow = SESSION_QUERY.replace("databaseId state", "databaseId @include(if: true) state")

    assert ask(cms, SESSION_QUERY, id=session, n=2) == ask(cms, slow, id=session, n=2)


def test_a1_notifies_with_hyphens_and_short_verbs(cms: RunningWorkLink, listener: Listener) -> None:
    cms.control.set_clock("2024-05-14T09:31:07+00:00")
    cms.control.listen(listener.url)

    session = cms.control.start_session({"work_order_id": "WO-000981"})
    cms.control.finish_session(session)

    assert cms.control.wait_for_webhooks(5)
    assert [body["event"] for body in listener.bodies()] == ["create", "update"]
    assert listener.bodies()[0] == {
        "time": "2024-05-14T09:31:07Z",
        "event": "create",
        "type": "resource",
        "data": {
            "resource-id": session,
            "resource-url": f"{cms.url}/api/v3/graphql/object/{session}",
            "resource-type": "ScenarioSession",
        },
    }
    assert cms.control.webhook_counts() == {"200": 2}
