"""Receiving over real sockets: what is kept, what is refused, and that a refusal leaves nothing behind."""

import base64
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests
from django.db import DatabaseError, OperationalError, connection
from standardwebhooks import Webhook

from integrations.core.signing import body_signatures
from integrations.inbox import sources
from integrations.inbox import writer as writing
from integrations.inbox.asgi import close
from integrations.inbox.insertion import Kept
from integrations.inbox.models import QuarantinedWebhook, ReceivedWebhook, Verification, WebhookSource
from tests.factories import make_source

SIGNED = b'{"data":{"id":"U2NlbmFyaW9TZXNzaW9uOjQxMDE","url":"https://cms.example.test/api/v3/graphql/object/U2NlbmFyaW9TZXNzaW9uOjQxMDE"}}'
HOSTILE_BODIES = [
    b"",
    b"{",
    b'{"event": "upd',
    b"\xff\xfe\x00not utf-8",
    b'{"a": "\\u0000"}',
    b"[" * 50_000 + b"]" * 50_000,
    b'{"a": NaN, "b": 1e999, "__proto__": {}}',
    b'{"data": {"resource-id": "' + b"x" * 5_000 + b'"}}',
    b"\x00" * 1_000,
]


def post(door: str, source: WebhookSource, body: bytes = b"{}", **headers: str) -> requests.Response:
    return requests.post(f"{door}/hooks/{source.token}/", data=body, headers=headers, timeout=10)


def nothing_kept() -> bool:
    return not ReceivedWebhook.objects.exists() and not QuarantinedWebhook.objects.exists()


def test_a_webhook_is_kept_byte_for_byte_before_the_answer(door: str, hints: list[str]) -> None:
    source = make_source()

    answer = requests.post(
        f"{door}/hooks/{source.token}/?a=1&b=%C3%BC", data=SIGNED, headers={"X-Scope-Topic": "a/b"}, timeout=10
    )

    assert (answer.status_code, answer.content) == (200, b"")
    row = ReceivedWebhook.objects.get()
    assert bytes(row.body) == SIGNED
    assert row.query == "a=1&b=%C3%BC"
    assert ("x-scope-topic", "a/b") in row.header_pairs()
    assert row.correlation_id


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
def test_every_body_that_passes_the_door_is_kept(door: str, body: bytes) -> None:
    assert post(door, make_source(), body).status_code == 200

    assert bytes(ReceivedWebhook.objects.get().body) == body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_address_can_be_tried_without_leaving_anything(door: str, method: str) -> None:
    assert requests.request(method, f"{door}/hooks/{make_source().token}/", timeout=10).status_code == 200

    assert nothing_kept()


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/short/", "/hooks/" + "x" * 32 + "/", "/hooks/../admin/"])
def test_an_unknown_address_is_refused(door: str, path: str) -> None:
    make_source()

    answer = requests.post(door + path, data=b"{}", timeout=10)

    assert answer.status_code == 404
    assert "address" in answer.json()["title"]
    assert nothing_kept()


def test_other_methods_are_refused(door: str) -> None:
    assert requests.put(f"{door}/hooks/{make_source().token}/", data=b"{}", timeout=10).status_code == 405
    assert nothing_kept()


def test_a_source_that_is_switched_off_is_refused(door: str) -> None:
    assert post(door, make_source(enabled=False)).status_code == 404
    assert nothing_kept()


def test_a_source_made_after_the_first_miss_works_at_once(door: str) -> None:
    source = make_source(enabled=False)
    assert post(door, source).status_code == 404

    WebhookSource.objects.filter(pk=source.pk).update(enabled=True)

    assert post(door, source).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_cap_is_refused(door: str, chunked: bool) -> None:
    source = make_source(max_bytes=1_000)
    body = b"x" * 1_001

    answer = requests.post(
        f"{door}/hooks/{source.token}/", data=iter([body[:600], body[600:]]) if chunked else body, timeout=10
    )

    assert answer.status_code == 413
    assert "1000 bytes" in answer.json()["title"]
    assert nothing_kept()


def test_a_body_of_exactly_the_cap_is_kept(door: str) -> None:
    assert post(door, make_source(max_bytes=1_000), b"x" * 1_000).status_code == 200
    assert ReceivedWebhook.objects.get().body_size == 1_000


def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(door: str) -> None:
    source = make_source()
    parts = urlsplit(door)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as line:
        head = f"POST /hooks/{source.token}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        line.sendall(head.encode() + b"half")

    assert post(door, source).status_code == 200
    assert ReceivedWebhook.objects.count() == 1


def verified(kind: Verification, **values: object) -> WebhookSource:
    return make_source(verification=kind, secrets=["old-secret", "new-secret"], **values)


def good_headers(kind: Verification, secret: str) -> dict[str, str]:
    if kind == Verification.BASIC:
        return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
    if kind == Verification.HEADER:
        return {"X-Webhook-Token": secret}
    return {"X-Signature": body_signatures(SIGNED, [secret])[0]}


@pytest.mark.parametrize("kind", [Verification.HEADER, Verification.HMAC])
@pytest.mark.parametrize("secret", ["old-secret", "new-secret"])
def test_each_of_two_secrets_is_accepted(door: str, kind: Verification, secret: str) -> None:
    assert post(door, verified(kind), SIGNED, **good_headers(kind, secret)).status_code == 200
    assert ReceivedWebhook.objects.count() == 1


def test_user_and_password_are_accepted(door: str) -> None:
    source = make_source(verification=Verification.BASIC, secrets=["me:pass"])

    assert post(door, source, SIGNED, **good_headers(Verification.BASIC, "me:pass")).status_code == 200
    assert post(door, source, SIGNED, **good_headers(Verification.BASIC, "me:wrong")).status_code == 401


@pytest.mark.parametrize("kind", [kind for kind in Verification if kind != Verification.ADDRESS])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Signature": "0" * 64, "X-Webhook-Token": "nope", "Authorization": "Basic !!!", "X-Scope-Hmac-Sha256": "x"},
        {"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": "nonsense"},
        {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,%%%", "X-Signature": "\xe9"},
    ],
    ids=range(4),
)
def test_what_does_not_prove_itself_is_quarantined(door: str, kind: Verification, headers: dict[str, str]) -> None:
    answer = post(door, verified(kind), SIGNED, **headers)

    assert answer.status_code == 401
    assert not ReceivedWebhook.objects.exists()
    refused = QuarantinedWebhook.objects.get()
    assert refused.reason == answer.json()["title"]
    assert "secret" not in refused.reason.replace("no secret yet", "")


@pytest.mark.parametrize("kind", [kind for kind in Verification if kind != Verification.ADDRESS])
def test_a_source_without_its_secret_refuses_everything(door: str, kind: Verification) -> None:
    answer = post(door, make_source(verification=kind), SIGNED, **{"X-Signature": body_signatures(SIGNED, [""])[0]})

    assert answer.status_code == 401
    assert not ReceivedWebhook.objects.exists()


def test_a_standard_webhook_is_kept_once_per_id(door: str) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    source = make_source(verification=Verification.STANDARD, secrets=[secret])
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, SIGNED.decode()),
    }

    assert [post(door, source, SIGNED, **headers).status_code for _ in range(3)] == [200, 200, 200]

    assert ReceivedWebhook.objects.get().delivery_key == "msg_1"


def test_a_secret_changed_a_moment_ago_counts(door: str) -> None:
    source = verified(Verification.HMAC)
    assert post(door, source, SIGNED, **good_headers(Verification.HMAC, "newest")).status_code == 401

    source.secrets = ["newest"]
    source.save()

    assert post(door, source, SIGNED, **good_headers(Verification.HMAC, "newest")).status_code == 200


def test_the_quarantine_keeps_the_newest_only(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.inbox.quarantine.MOST_KEPT", 3)
    source = verified(Verification.HMAC)

    for number in range(6):
        post(door, source, str(number).encode())

    kept = QuarantinedWebhook.objects.order_by("id").values_list("body", flat=True)
    assert [bytes(body) for body in kept] == [b"3", b"4", b"5"]


def test_many_at_once_are_all_kept(door: str) -> None:
    source = make_source()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: post(door, source, str(number).encode()), range(200)))

    assert {answer.status_code for answer in answers} == {200}
    assert ReceivedWebhook.objects.values("body").distinct().count() == 200


def test_one_row_that_cannot_be_written_does_not_take_the_others_with_it(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source()
    insert = writing._insert

    def failing(rows: list[Kept]) -> None:
        if any(row.body == b"bad" for row in rows):
            raise DatabaseError("no")
        insert(rows)

    monkeypatch.setattr(writing, "_insert", failing)
    with ThreadPoolExecutor(10) as pool:
        bodies = [b"bad" if number == 5 else str(number).encode() for number in range(10)]
        answers = list(pool.map(lambda body: post(door, source, body).status_code, bodies))

    assert sorted(answers) == [200] * 9 + [503]
    assert ReceivedWebhook.objects.count() == 9


def test_a_database_that_does_not_answer_is_a_reason_to_send_again(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source cannot be looked up then: neither an unknown address nor an error of ours."""
    source = make_source()

    def down(token: str) -> None:
        raise OperationalError("the database system is shutting down")

    monkeypatch.setattr(sources, "load", down)
    answer = post(door, source)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert nothing_kept()


def test_a_cached_source_is_not_read_again_for_each_webhook(door: str) -> None:
    source = make_source()
    post(door, source)
    first = sources.cached(source.token)

    post(door, source)

    assert first is not None
    assert sources.cached(source.token) is first


def test_a_received_row_starts_as_the_model_says(door: str) -> None:
    source = make_source()
    post(door, source)
    kept = ReceivedWebhook.objects.get()

    fresh = ReceivedWebhook(
        source=source,
        body=kept.body,
        body_size=kept.body_size,
        headers=kept.headers,
        received_at=kept.received_at,
        due_at=kept.received_at,
        created_at=kept.received_at,
        correlation_id=kept.correlation_id,
    )
    fields = [field.attname for field in ReceivedWebhook._meta.concrete_fields if field.attname != "id"]
    assert {name: getattr(kept, name) for name in fields} == {name: getattr(fresh, name) for name in fields}


def sessions() -> int:
    """How many sessions the database has; one that ended is seen for a moment longer."""
    deadline = time.monotonic() + 5
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            count = int(cursor.fetchone()[0])
        if count == 1 or time.monotonic() > deadline:
            return count
        time.sleep(0.02)


@pytest.mark.postgres
def test_closing_ends_the_database_sessions_of_the_receiving_threads(door: str) -> None:
    source = verified(Verification.HMAC)
    with ThreadPoolExecutor(4) as pool:  # refused ones, which ask the database, and kept ones
        list(pool.map(lambda number: post(door, source, SIGNED, **{"X-Signature": str(number)}), range(4)))
    assert post(door, make_source()).status_code == 200

    close()

    assert sessions() == 1


def test_after_closing_a_webhook_is_received_all_the_same(door: str) -> None:
    source = make_source()
    post(door, source)

    close()

    assert post(door, source).status_code == 200
    assert ReceivedWebhook.objects.count() == 2
