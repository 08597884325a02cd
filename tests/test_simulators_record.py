import time
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.simulators.record import auth
from tests.simulators.record.auth import BEARER_TOKEN
from tests.simulators.running import RunningRecord

BEARER = {"Authorization": f"Bearer {BEARER_TOKEN}"}


@pytest.fixture
def record(record: RunningRecord) -> RunningRecord:
    record.control.add_order("WO-000981", asset="PUMP-77")
    return record


def ask(record: RunningRecord, method: str, path: str, **values: Any) -> requests.Response:
    return requests.request(method, record.url + path, **{"headers": BEARER, "timeout": 5, **values})


def test_an_update_is_read_back_and_journaled(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "in_progress", "u_minutes": 12})

    assert answer.status_code == 200
    order = ask(record, "GET", "/api/orders/WO-000981").json()
    assert (order["status"], order["u_minutes"]) == ("in_progress", 12)
    assert [effect["content"]["changed"] for effect in record.control.effects()] == [["status", "u_minutes"]]


def test_without_credentials_nothing_is_told_or_done(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"}, headers={})

    assert answer.status_code == 401
    assert record.control.effects() == []
    assert record.control.order("WO-000981")["status"] == "open"


def test_an_unknown_field_is_refused_by_name(record: RunningRecord) -> None:
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"colour": "red"})

    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, ["colour"])
    assert record.control.effects() == []


def test_a_dropped_connection_after_the_write_leaves_the_effect(record: RunningRecord) -> None:
    record.control.fault("drop_after", method="PATCH", times=1)

    with pytest.raises(requests.ConnectionError):
        ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})

    assert record.control.order("WO-000981")["status"] == "done"
    assert len(record.control.effects("WO-000981")) == 1


def test_a_dropped_connection_before_the_write_leaves_none(record: RunningRecord) -> None:
    record.control.fault("drop_before", method="PATCH", times=1)

    with pytest.raises(requests.ConnectionError):
        ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})

    assert record.control.order("WO-000981")["status"] == "open"
    assert record.control.effects() == []


def graph(record: RunningRecord, query: str, **variables: Any) -> dict[str, Any]:
    answer = ask(record, "POST", "/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


UPDATE = """
mutation Update($number: ID!, $fields: OrderFields!) {
  updateOrder(number: $number, fields: $fields) { order { status customFields } errors { field code } }
}
"""
ADD_NOTE = """
mutation Note($id: ID!, $note: String!, $ref: String!) {
  addCaseNote(caseId: $id, body: $note, externalRef: $ref) { id errors { code } }
}
"""


def test_graphql_changes_and_reads_the_same_rows(record: RunningRecord) -> None:
    answer = graph(record, UPDATE, number="WO-000981", fields={"status": "done", "customFields": {"u_minutes": 12}})

    assert answer["data"]["updateOrder"] == {
        "order": {"status": "done", "customFields": {"u_minutes": 12}},
        "errors": [],
    }
    assert record.control.order("WO-000981")["u_minutes"] == 12
    read = graph(
        record, '{ orders(number: "WO-000981") { totalCount nodes { status customField(name: "u_minutes") } } }'
    )
    assert read["data"]["orders"] == {"totalCount": 1, "nodes": [{"status": "done", "customField": 12}]}


def test_graphql_answers_refusals_as_errors_in_the_payload(record: RunningRecord) -> None:
    record.control.close_order("WO-000981")

    answer = graph(record, UPDATE, number="WO-000981", fields={"customFields": {"u_minutes": 12}})

    assert answer["data"]["updateOrder"] == {"order": None, "errors": [{"field": None, "code": "record_closed"}]}
    assert record.control.effects() == []


def test_a_note_with_the_same_external_id_exists_already_in_both_interfaces(record: RunningRecord) -> None:
    first = graph(record, ADD_NOTE, id="WO-000981", note="Call of 12 min", ref="call-701")
    again = graph(record, ADD_NOTE, id="WO-000981", note="Call of 12 min", ref="call-701")
    rest = ask(record, "POST", "/api/orders/WO-000981/notes", json={"body": "x", "external_id": "call-701"})

    assert first["data"]["addCaseNote"]["errors"] == []
    assert again["data"]["addCaseNote"]["errors"] == [{"code": "already_exists"}]
    assert (rest.status_code, rest.json()["error"]["code"]) == (409, "already_exists")
    assert len(record.control.children("WO-000981", "notes")) == 1
    assert len(record.control.effects("WO-000981", "notes.create")) == 1


def test_an_idempotency_key_works_once_and_repeats_its_answer(record: RunningRecord) -> None:
    headers = {**BEARER, "Idempotency-Key": "k-1"}
    answers = [
        ask(record, "POST", "/api/orders/WO-000981/notes", json={"body": "Done"}, headers=headers) for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [effect["key"] for effect in record.control.effects()] == ["k-1"]


def test_an_idempotency_key_is_not_taken_for_another_request(record: RunningRecord) -> None:
    headers = {**BEARER, "Idempotency-Key": "k-2"}
    ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"}, headers=headers)

    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "open"}, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert record.control.order("WO-000981")["status"] == "done"


def test_sessions_are_children_by_external_key(record: RunningRecord) -> None:
    path = "/api/orders/WO-000981/sessions"
    created = ask(record, "PUT", f"{path}/4101", json={"minutes": 1})
    updated = ask(record, "PUT", f"{path}/4101", json={"minutes": 2})
    taken = ask(record, "POST", path, json={"external_id": "4101"})

    assert [created.status_code, updated.status_code, taken.status_code] == [201, 200, 409]
    assert ask(record, "GET", path).json()["items"][0]["minutes"] == 2
    assert ask(record, "GET", f"{path}/4101").json()["external_id"] == "4101"


@pytest.mark.parametrize("raw", [True, False], ids=["raw", "multipart"])
def test_attachments_keep_their_bytes(record: RunningRecord, raw: bool) -> None:
    path, data = "/api/orders/WO-000981/attachments", b"\xff\xd8\xff\r\n--not a boundary\r\n\x00"
    if raw:
        query = {"name": "seal.jpg", "description": "fp:1"}
        headers = {**BEARER, "Content-Type": "image/jpeg"}
        answer = ask(record, "POST", path, data=data, params=query, headers=headers)
    else:
        files = {"file": ("seal.jpg", data, "image/jpeg")}
        answer = ask(record, "POST", path, files=files, data={"description": "fp:1"})

    assert answer.status_code == 201
    row = answer.json()
    assert (row["name"], row["content_type"], row["description"]) == ("seal.jpg", "image/jpeg", "fp:1")
    assert ask(record, "GET", f"{path}/{row['id']}/content").content == data
    assert ask(record, "GET", path).json()["total"] == 1


def test_changed_since_lists_only_later_changes(record: RunningRecord) -> None:
    record.control.set_clock("2026-03-01T12:00:00+00:00")
    record.control.add_orders(first=1, count=3)
    record.control.advance_clock(60)
    record.control.change_order("WO-000002", status="waiting")

    page = ask(record, "GET", "/api/orders?updated_since=2026-03-01T12:00:30Z").json()

    since = [row["number"] for row in page["items"] if row["number"] != "WO-000981"]
    assert since == ["WO-000002"]


def test_a_search_may_find_several_and_the_number_alone_is_then_refused(record: RunningRecord) -> None:
    record.control.add_order("WO-000981", site="the other one")

    assert ask(record, "GET", "/api/orders?number=WO-000981").json()["total"] == 2
    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "several_matches")
    assert record.control.effects() == []


def test_closed_records_refuse_changes(record: RunningRecord) -> None:
    record.control.close_order("WO-000981")

    answers = [
        ask(record, "PATCH", "/api/orders/WO-000981", json={"u_minutes": 1}),
        ask(record, "POST", "/api/orders/WO-000981/notes", json={"body": "late"}),
        ask(record, "PUT", "/api/orders/WO-000981/sessions/1", json={}),
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert record.control.effects() == []


def test_every_static_form_of_credentials_is_accepted_and_each_wrong_one_refused(record: RunningRecord) -> None:
    path = "/api/orders/WO-000981"
    good: list[dict[str, Any]] = [
        {"headers": {}, "auth": auth.BASIC},
        {"headers": {"X-Api-Key": auth.API_KEY}},
        {"headers": {}, "params": {"api_key": auth.API_KEY}},
    ]
    bad: list[dict[str, Any]] = [
        {"headers": {}, "auth": ("fieldport", "wrong")},
        {"headers": {"X-Api-Key": "wrong"}},
        {"headers": {"Authorization": "Basic !!"}},
        {"headers": {"Authorization": "Bearer wrong"}},
    ]

    assert [ask(record, "GET", path, **each).status_code for each in good] == [200, 200, 200]
    assert [ask(record, "GET", path, **each).status_code for each in bad] == [401] * 4


def bearer_of(answer: requests.Response) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": f"Bearer {answer.json()['access_token']}"}}


def test_client_credentials_give_a_token_that_expires(record: RunningRecord) -> None:
    form = {"grant_type": "client_credentials"}
    answer = requests.post(record.url + "/oauth/token", data=form, auth=auth.CLIENT, timeout=5)

    assert answer.json()["instance_url"] == record.url
    assert ask(record, "GET", "/api/orders/WO-000981", **bearer_of(answer)).status_code == 200
    record.control.advance_clock(3601)
    assert ask(record, "GET", "/api/orders/WO-000981", **bearer_of(answer)).status_code == 401


def test_a_rotated_refresh_token_works_once(record: RunningRecord) -> None:
    record.control.credentials.rotate_refresh_tokens = True
    form = {"grant_type": "refresh_token", "client_id": auth.CLIENT[0], "client_secret": auth.CLIENT[1]}
    first, again = (
        requests.post(record.url + "/oauth/token", data={**form, "refresh_token": auth.REFRESH_TOKEN}, timeout=5)
        for _ in range(2)
    )

    assert ask(record, "GET", "/api/orders/WO-000981", **bearer_of(first)).status_code == 200
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_jwt_is_taken_only_from_the_key_of_its_issuer(record: RunningRecord) -> None:
    key, stranger = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    record.control.credentials.jwt_keys["fieldport"] = public.decode()
    claims = {"iss": "fieldport", "aud": record.url, "exp": int(time.time()) + 60}

    def token(signer: rsa.RSAPrivateKey) -> requests.Response:
        form = {"grant_type": auth.JWT_GRANT, "assertion": jwt.encode(claims, signer, algorithm="RS256")}
        return requests.post(record.url + "/oauth/token", data=form, timeout=5)

    assert ask(record, "GET", "/api/orders/WO-000981", **bearer_of(token(key))).status_code == 200
    assert token(stranger).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"kind": "status", "status": 503}, 503),
        ({"kind": "status", "status": 429, "retry_after": "2"}, 429),
        ({"kind": "status", "status": 409, "code": "already_exists"}, 409),
        ({"kind": "error_list"}, 200),
        ({"kind": "no_change"}, 204),
    ],
    ids=["503", "429", "already exists", "200 with errors", "204 that changes nothing"],
)
def test_a_fault_before_the_write_leaves_no_effect(record: RunningRecord, fault: dict[str, Any], status: int) -> None:
    record.control.fault(**fault, method="PATCH", path="/api/orders/*", times=1)

    answer = ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})

    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == fault.get("retry_after")
    assert record.control.order("WO-000981")["status"] == "open"
    assert record.control.effects() == []
    assert ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"}).status_code == 200


def test_a_late_write_is_applied_after_the_client_gave_up(record: RunningRecord) -> None:
    record.control.fault("late", method="PATCH", delay=0.2, hold=True, times=1)

    with pytest.raises(requests.Timeout):
        ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"}, timeout=0.1)

    assert record.control.order("WO-000981")["status"] == "open"
    time.sleep(0.3)
    assert record.control.order("WO-000981")["status"] == "done"


def test_faults_by_probability_repeat_with_their_seed(record: RunningRecord) -> None:
    runs = []
    for _ in range(2):
        record.control.clear_faults(seed=7)
        record.control.fault("status", probability=0.5)
        runs.append([ask(record, "GET", "/api/orders/WO-000981").status_code for _ in range(20)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


def test_the_control_api_offers_the_same_over_http(record: RunningRecord) -> None:
    added = requests.post(record.url + "/_sim/faults", json={"kind": "status", "times": 1}, timeout=5)
    wrong = requests.post(record.url + "/_sim/faults", json={"kind": "meteorite"}, timeout=5)

    assert (added.status_code, wrong.status_code) == (200, 400)
    assert ask(record, "GET", "/api/orders/WO-000981").status_code == 503
    ask(record, "PATCH", "/api/orders/WO-000981", json={"status": "done"})
    journal = requests.get(record.url + "/_sim/journal", params={"record": "WO-000981"}, timeout=5).json()["result"]
    assert [effect["what"] for effect in journal] == ["order.update"]
    log = requests.get(record.url + "/_sim/requests", timeout=5).json()["result"]
    assert [request["status"] for request in log["requests"]] == [503, 200]
