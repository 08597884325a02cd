import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.simulators.running import RunningWorkLink
from tests.simulators.worklink.access import ALL_GROUPS_TOKEN, LIMITED_TOKEN, PASSWORD, SUPER_ADMIN_TOKEN
from tests.simulators.worklink.sessions import SessionEnded

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


@pytest.mark.parametrize(
    ("sent_as", "separators", "events"),
    [
        ({"variant": "A1", "verbs": "short"}, {"-"}, ["create", "update", "update", "update", "update"]),
        ({"variant": "A2", "verbs": "long"}, {"_"}, ["created", "updated", "paused", "resumed", "finished"]),
        ({"variant": "mixed", "verbs": "long"}, {"-", "_"}, ["created", "updated", "paused", "resumed", "finished"]),
    ],
)
def test_generation_a_has_its_variants(
    cms: RunningWorkLink, listener: Listener, sent_as: dict[str, str], separators: set[str], events: list[str]
) -> None:
    cms.control.listen(listener.url, **sent_as)

    session = cms.control.start_session(session_type="PERSISTENT")
    cms.control.view_steps(session)
    cms.control.exit_session(session)
    cms.control.resume_session(session, user="Bruno Keller")
    cms.control.finish_session(session)

    assert cms.control.wait_for_webhooks(5)
    assert [body["event"] for body in listener.bodies()] == events
    assert {name[len("resource")] for body in listener.bodies() for name in body["data"]} == separators


SUBSCRIBE = """
mutation Subscribe($url: String!, $secret: String!, $body: String) {
  createWebhookSubscription(webhookSubscription: {
    topic: { key: "scenario_session/created" } callbackUrl: $url sharedSecret: $secret query: $body
  }) { errors { field message } webhookSubscription { id topic { key version } } }
}
"""


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_a_subscription_gets_signed_b1_bodies_until_it_is_deleted(cms: RunningWorkLink, listener: Listener) -> None:
    made = ask(cms, SUBSCRIBE, url=listener.url, secret="s-1")["data"]["createWebhookSubscription"]
    session = cms.control.start_session()
    cms.control.wait_for_webhooks(5)
    subscription = made["webhookSubscription"]
    ask(cms, "mutation($id: ID!) { deleteWebhookSubscription(id: $id) { deletedId } }", id=subscription["id"])
    cms.control.start_session()
    cms.control.wait_for_webhooks(5)

    assert (made["errors"], subscription["topic"]) == ([], {"key": "scenario_session/created", "version": "1.1"})
    [(headers, body)] = listener.got
    assert json.loads(body) == {"data": {"id": session, "url": f"{cms.url}/api/v3/graphql/object/{session}"}}
    assert headers["x-scope-topic"] == "scenario_session/created"
    assert headers["x-scope-webhook-type"] == "node"
    assert headers["x-scope-hmac-sha256"] == signature("s-1", body)


def test_a_query_of_the_subscription_replaces_the_body(cms: RunningWorkLink, listener: Listener) -> None:
    query = "query($id: ID!) { node(id: $id) { __typename id ... on ScenarioSession { state externalData } } }"
    ask(cms, SUBSCRIBE, url=listener.url, secret="s-1", body=query)

    session = cms.control.start_session({"work_order_id": "WO-000981"})

    assert cms.control.wait_for_webhooks(5)
    node = {"__typename": "ScenarioSession", "id": session, "state": "CREATED"}
    assert listener.bodies() == [{"data": {"node": {**node, "externalData": {"work_order_id": "WO-000981"}}}}]


def test_a_wrong_signature_can_be_sent(cms: RunningWorkLink, listener: Listener) -> None:
    ask(cms, SUBSCRIBE, url=listener.url, secret="s-1")
    cms.control.set_webhooks(wrong_signature=True)

    cms.control.start_session()

    assert cms.control.wait_for_webhooks(5)
    [(headers, body)] = listener.got
    assert headers["x-scope-hmac-sha256"] != signature("s-1", body)


def test_a_limited_token_may_not_subscribe(cms: RunningWorkLink, listener: Listener) -> None:
    answer = ask(cms, SUBSCRIBE, token=LIMITED_TOKEN, url=listener.url, secret="s-1")
    cms.control.start_session()

    assert answer["data"]["createWebhookSubscription"]["errors"][0]["field"] == "base"
    assert cms.control.wait_for_webhooks(5)
    assert listener.got == []


def test_notifications_can_be_doubled_burst_and_joined_by_unknown_ones(
    cms: RunningWorkLink, listener: Listener
) -> None:
    cms.control.listen(listener.url, duplicates=1, burst=2, unknown_percent=100)

    session = cms.control.start_session()

    assert cms.control.wait_for_webhooks(5)
    mine = [body for body in listener.bodies() if body["data"].get("resource-id") == session]
    assert [body["event"] for body in mine] == ["create", "create", *["update"] * 4]
    assert len(listener.got) == len(mine) + 2


def test_dropped_notifications_are_recorded_and_not_sent(cms: RunningWorkLink, listener: Listener) -> None:
    cms.control.listen(listener.url, drop_percent=100)

    cms.control.create_sessions(3)

    assert cms.control.webhook_counts() == {"dropped": 6}
    assert listener.got == []


def test_reordered_notifications_arrive_all_but_in_another_order(cms: RunningWorkLink, listener: Listener) -> None:
    cms.control.listen(listener.url, verbs="long", reorder_seconds=0.2)

    session = cms.control.start_session()
    for _ in range(20):
        cms.control.notify(session)
    cms.control.finish_session(session)

    assert cms.control.wait_for_webhooks(5)
    events = [body["event"] for body in listener.bodies()]
    assert sorted(events) == ["created", "finished", *["updated"] * 20]
    assert (events[0], events[-1]) != ("created", "finished")


def test_an_address_where_nobody_listens_is_recorded_as_failed(cms: RunningWorkLink) -> None:
    cms.control.listen("http://127.0.0.1:9/hooks/x/")

    cms.control.start_session()

    assert cms.control.wait_for_webhooks(5)
    assert cms.control.webhook_counts() == {"failed": 1}


LIST = """
query List($first: Int, $after: String, $order: OrderBy) {
  scenarioSessions(first: $first, after: $after, orderBy: $order) {
    totalCount nodes { id databaseId } pageInfo { hasNextPage endCursor }
  }
}
"""


def test_every_session_is_on_exactly_one_page(cms: RunningWorkLink) -> None:
    made = cms.control.create_sessions(260)
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        found = ask(cms, LIST, first=25, after=after)["data"]["scenarioSessions"]
        seen += [node["id"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None
        pages += 1

    assert (pages, seen) == (11, made)


def test_lists_page_by_index_and_in_the_order_asked_for(cms: RunningWorkLink) -> None:
    made = cms.control.create_sessions(30)
    query = """{ scenarioSessions(first: 10, afterIndex: 25, orderBy: {attribute: "databaseId", direction: DESC}) {
        nodes { id } pageInfo { hasNextPage } edges { node { id } } } }"""

    found = ask(cms, query)["data"]["scenarioSessions"]

    assert [node["id"] for node in found["nodes"]] == made[4::-1]
    assert [edge["node"]["id"] for edge in found["edges"]] == made[4::-1]
    assert found["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("first", [None, 0, 101])
def test_a_page_size_is_required_and_bounded(cms: RunningWorkLink, first: int | None) -> None:
    cms.control.create_sessions(1)

    answer = ask(cms, LIST, first=first)

    assert answer["data"] is None
    assert "first" in answer["errors"][0]["message"]


def test_sessions_are_found_by_external_data(cms: RunningWorkLink) -> None:
    wanted = cms.control.start_session({"work_order_id": "500A", "serials": ["SN-11", "SN-12"]})
    cms.control.start_session({"work_order_id": "500B", "serials": ["SN-13"]})
    query = """query($type: String!, $key: String!, $value: Alphanumeric!) {
        scenarioSessions(first: 25, externalData: {type: $type, key: $key, value: $value}) { nodes { id } } }"""

    for filter_ in (("MATCH", "work_order_id", "500A"), ("CONTAINS", "serials", "SN-12")):
        variables = dict(zip(("type", "key", "value"), filter_, strict=True))
        found = ask(cms, query, **variables)["data"]["scenarioSessions"]["nodes"]
        assert [node["id"] for node in found] == [wanted]


def test_all_four_forms_of_authorization_are_accepted(cms: RunningWorkLink) -> None:
    forms = ("Token token={}", "Token {}", "Bearer token={}", "Bearer {}", 'Token token="{}"')
    good = [post(cms, "{ viewer { id } }", authorization=form.format(ALL_GROUPS_TOKEN)) for form in forms]
    bad = [post(cms, "{ viewer { id } }", authorization=form.format("x")) for form in (*forms, "Basic {}", "{}")]

    assert {answer.status_code for answer in good} == {200}
    assert good[0].headers["x-scopear-cms-version"] == "2.28.1"
    assert {answer.status_code for answer in bad} == {401}


def test_a_private_access_code_is_required_only_when_switched_on(cms: RunningWorkLink) -> None:
    cms.control.set_settings(private_access_code="preview")
    headers = {"Authorization": f"Bearer {ALL_GROUPS_TOKEN}"}
    with_code = {**headers, "PrivateAccessCode": "Token token=preview"}

    answers = [
        requests.post(cms.graphql_url, json={"query": "{ viewer { id } }"}, headers=each, timeout=5)
        for each in (headers, with_code)
    ]

    assert [answer.status_code for answer in answers] == [401, 200]


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "form"])
def test_signing_in_gives_a_token_until_it_is_revoked(cms: RunningWorkLink, as_json: bool) -> None:
    url, user = cms.url + "/api/v2/users/sign_in.json", {"username": "ada.fischer", "password": PASSWORD}
    form = {f"user[{name}]": value for name, value in user.items()}
    answer = requests.post(url, timeout=5, **({"json": {"user": user}} if as_json else {"data": form}))
    token = answer.json()["auth_token"]

    assert ask(cms, "{ viewer { id } }", token=token)["data"]
    cms.control.revoke_sessions()
    assert post(cms, "{ viewer { id } }", authorization=f"Token token={token}").status_code == 401
    assert requests.post(url, json={"user": {**user, "password": "x"}}, timeout=5).status_code == 401


def test_a_super_admin_must_name_the_tenant(cms: RunningWorkLink) -> None:
    without = ask(cms, "{ viewer { id } }", token=SUPER_ADMIN_TOKEN)
    with_it = ask(cms, "{ viewer { id } }", token=SUPER_ADMIN_TOKEN, query_string="?permalink=acme-field-services")

    assert "permalink" in without["errors"][0]["message"]
    assert with_it["data"]


def test_a_limited_token_sees_pruned_lists_and_is_refused_nodes(cms: RunningWorkLink) -> None:
    mine = cms.control.start_session(scenario="Pump inspection")
    other = cms.control.start_session(scenario="Generator start-up")

    pruned = ask(cms, LIST, token=LIMITED_TOKEN, first=25)
    refused = ask(cms, "query($id: ID!) { node(id: $id) { id } }", token=LIMITED_TOKEN, id=other)

    assert [node["id"] for node in pruned["data"]["scenarioSessions"]["nodes"]] == [mine]
    assert "errors" not in pruned
    assert refused["data"] == {"node": None}
    assert refused["errors"] == [
        {"message": "Not authorized to read object", "locations": [{"line": 1, "column": 19}], "path": ["node"]}
    ]


def test_an_invalid_query_has_no_data_and_says_where(cms: RunningWorkLink) -> None:
    answer = ask(cms, "{ viewer { shoeSize } }")

    assert answer["data"] is None
    assert answer["errors"][0]["locations"] == [{"line": 1, "column": 12}]


def test_the_older_server_lacks_fields_and_calls_its_type_call(cms: RunningWorkLink, listener: Listener) -> None:
    removed = ["ScenarioSession.idleDuration", "Mutation.createWebhookSubscription"]
    cms.control.set_settings(call_type="Call", removed_fields=removed, paging_by_index=False)
    cms.control.listen(listener.url)
    call = cms.control.start_call({"service_request_id": "SR-1"})

    headers = {"Authorization": f"Token token={ALL_GROUPS_TOKEN}"}
    types = requests.get(cms.graphql_url, headers=headers, timeout=5).json()["data"]["__schema"]["types"]
    fields = {each["name"]: {field["name"] for field in each["fields"] or ()} for each in types}
    node = ask(cms, "query($id: ID!) { node(id: $id) { __typename ... on Call { state } } }", id=call)["data"]["node"]

    assert "Call" in fields
    assert "CallSession" not in fields
    assert "idleDuration" not in fields["ScenarioSession"]
    assert fields["Mutation"] == {"deleteWebhookSubscription"}
    assert node == {"__typename": "Call", "state": "RINGING"}
    cms.control.wait_for_webhooks(5)
    assert listener.bodies()[0]["data"]["resource-type"] == "Call"


def test_a_call_is_told_whole_after_its_end(cms: RunningWorkLink) -> None:
    cms.control.set_clock("2024-05-14T09:00:00+00:00")
    call = cms.control.start_call({"service_request_id": "SR-1"}, caller="call-ada.fischer", callee="Eva Lindqvist")
    cms.control.connect_call(call)
    cms.control.take_screenshot(call)
    cms.control.advance_clock(720)
    cms.control.end_call(call)
    query = """query($id: ID!) { node(id: $id) { ... on CallSession { state duration connectedAt endedAt externalData
        participants(first: 5) { nodes { role user { name } } } attachments(first: 5) { nodes { fileUrl } } } } }"""

    node = ask(cms, query, id=call)["data"]["node"]

    assert (node["state"], node["duration"], node["endedAt"]) == ("ENDED", 720, "2024-05-14T09:12:00Z")
    assert [each["user"]["name"] for each in node["participants"]["nodes"]] == ["Ada Fischer", "Eva Lindqvist"]
    assert requests.get(node["attachments"]["nodes"][0]["fileUrl"], timeout=5).content[:3] == b"\xff\xd8\xff"


PHOTOS = """
query PhotosOfSession($sid: ID!) {
  scenarioSessionEvents(first: 100, scenarioSessionId: $sid, valueTypes: [PHOTO]) {
    nodes { photo { fileUrl } attachments(first: 1) { nodes { fileURLExpiresAt fileSize } } }
  }
}
"""


def test_a_photo_link_expires_and_each_query_gives_a_fresh_one(cms: RunningWorkLink) -> None:
    cms.control.set_settings(link_seconds=60)
    session = cms.control.start_session()
    cms.control.view_steps(session)
    cms.control.take_photo(session, name="nameplate")

    def link() -> str:
        database_id = cms.control.session(session)["databaseId"]
        [event] = ask(cms, PHOTOS, sid=database_id)["data"]["scenarioSessionEvents"]["nodes"]
        return str(event["photo"]["fileUrl"])

    first = link()
    assert requests.get(first, timeout=5).headers["content-type"] == "image/jpeg"
    assert requests.get(first.replace("sig=", "sig=0"), timeout=5).status_code == 403
    cms.control.advance_clock(61)
    assert requests.get(first, timeout=5).status_code == 410
    assert requests.get(link(), timeout=5).status_code == 200


def test_a_new_node_can_stay_unreadable_for_a_moment(cms: RunningWorkLink) -> None:
    cms.control.set_settings(unreadable_ms=150)
    session = cms.control.start_session()
    query = "query($id: ID!) { node(id: $id) { id } }"

    assert ask(cms, query, id=session) == {"data": {"node": None}}
    time.sleep(0.2)
    assert ask(cms, query, id=session) == {"data": {"node": {"id": session}}}


def test_event_data_can_come_as_a_string(cms: RunningWorkLink) -> None:
    cms.control.set_settings(event_data_as_string=True)
    session = cms.control.start_session()
    cms.control.answer(session, value_type="NUMBER", prompt="Load", value=4.2)

    node = ask(cms, SESSION_QUERY, id=session, n=25)["data"]["node"]

    expected = {"user_name": "Ada Fischer", "prompt": "Load", "value": 4.2}
    assert json.loads(node["events"]["nodes"][-1]["eventData"]) == expected


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"status": 401}, 401), ({"status": 429, "retry_after": "3"}, 429), ({"status": 500}, 500)],
    ids=["401", "429", "500"],
)
def test_the_api_can_fail_after_some_calls(cms: RunningWorkLink, fault: dict[str, Any], status: int) -> None:
    cms.control.fault("status", operation="Probe", after=1, times=1, **fault)
    query = "query Probe { viewer { id } }"

    answers = [post(cms, query, authorization=f"Bearer {ALL_GROUPS_TOKEN}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, status, 200]
    assert answers[1].headers.get("Retry-After") == fault.get("retry_after")
    assert cms.control.fetches("Probe") == 3


def test_partial_data_come_with_an_error(cms: RunningWorkLink) -> None:
    session = cms.control.start_session({"work_order_id": "WO-000981"})
    cms.control.fault("partial", operation="PortalScenarioSession", field="scenarioRelease", times=1)

    answer = ask(cms, SESSION_QUERY, id=session, n=25)

    assert answer["data"]["node"]["externalData"] == {"work_order_id": "WO-000981"}
    assert answer["data"]["node"]["scenarioRelease"] is None
    assert answer["errors"][0]["path"] == ["node", "scenarioRelease"]


def test_ids_can_be_opaque_and_the_rest_address_takes_them(cms: RunningWorkLink) -> None:
    cms.control.set_settings(opaque_ids=True)
    session = cms.control.start_session({"work_order_id": "WO-000981"})
    headers = {"Authorization": f"Bearer {ALL_GROUPS_TOKEN}"}

    answer = requests.get(f"{cms.graphql_url}/object/{quote(session, safe='')}", headers=headers, timeout=5)

    assert len(session) == 44
    assert answer.json()["externalData"] == {"work_order_id": "WO-000981"}
    assert not [name for name in answer.json() if name.startswith("_")]


def test_a_passive_session_left_early_is_incomplete(cms: RunningWorkLink) -> None:
    session = cms.control.start_session(session_type="PASSIVE")
    cms.control.view_steps(session, count=3)

    assert cms.control.exit_session(session) == "ABANDONED"
    assert cms.control.session(session)["percentOfStepsViewed"] == 60
    with pytest.raises(SessionEnded):
        cms.control.view_steps(session)


def test_a_demo_session_keeps_no_steps(cms: RunningWorkLink) -> None:
    session = cms.control.start_session(session_type="DEMO")
    cms.control.view_steps(session, count=3)
    cms.control.finish_session(session)

    assert ask(cms, SESSION_QUERY, id=session, n=25)["data"]["node"]["steps"]["nodes"] == []


def test_the_app_can_start_a_session_through_rest(cms: RunningWorkLink) -> None:
    release = cms.control.state.nodes.all("ScenarioRelease")[0]["databaseId"]
    url = f"{cms.url}/api/v2/ar_contents/{release}/work_instruction_sessions"
    headers = {"Authorization": f"Bearer {ALL_GROUPS_TOKEN}"}

    answer = requests.post(url, json={"external_data": {"work_order_id": "500A"}}, headers=headers, timeout=5)

    assert cms.control.session(answer.json()["node_id"])["externalData"] == {"work_order_id": "500A"}


def test_the_control_api_runs_a_session_over_http(cms: RunningWorkLink) -> None:
    def control(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{cms.url}/_sim/{path}", json=body, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    session = control("POST", "sessions", {"external_data": {"work_order_id": "500A"}, "session_type": "PERSISTENT"})
    control("POST", f"sessions/{session}/steps", {"count": 2})
    control("POST", f"sessions/{session}/answers", {"value_type": "CHECKBOX"})
    control("POST", f"sessions/{session}/photo")
    assert control("POST", f"sessions/{session}/exit") == "PAUSED"
    assert control("POST", f"sessions/{session}/resume", {"user": "Bruno Keller"}) == "IN_PROGRESS"
    assert control("POST", f"sessions/{session}/finish") == "COMPLETED"
    assert control("GET", f"sessions/{session}")["numberOfStepsViewed"] == 2
    wrong = requests.post(f"{cms.url}/_sim/settings", json={"colour": "red"}, timeout=5)
    assert wrong.status_code == 400


def test_prepared_sessions_are_silent_and_then_played_at_a_rate(cms: RunningWorkLink, listener: Listener) -> None:
    cms.control.listen(listener.url)
    made = cms.control.prepare_sessions(20, first=981)
    assert listener.got == []

    began = time.monotonic()
    cms.control.play(made, rate=100)
    while len(listener.got) < 20 and time.monotonic() - began < 5:
        time.sleep(0.01)

    assert time.monotonic() - began >= 0.19
    assert sorted(body["data"]["resource-id"] for body in listener.bodies()) == sorted(made)
    assert cms.control.session(made[0])["externalData"] == {"work_order_id": "WO-000981"}
    assert cms.control.session(made[0])["state"] == "COMPLETED"


def test_the_playing_can_be_stopped(cms: RunningWorkLink, listener: Listener) -> None:
    cms.control.listen(listener.url)
    made = cms.control.prepare_sessions(50)

    cms.control.play(made, rate=10)
    time.sleep(0.15)

    assert cms.control.rest() >= 40
    cms.control.wait_for_webhooks(5)
    assert len(listener.got) <= 10
