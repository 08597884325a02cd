"""What a visit opens and what it does not; where the token is never found; who is let in at all."""

import io
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.camera.models import Callback, ConnectorToken, FieldOrder, Input, Issue, Upload, Visit
from integrations.camera.services import arriving, guessing
from tests.camera.conftest import Said
from tests.camera.making import make_site, make_token, picture
from tests.camera.phone import OWN, Phone

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front"


@pytest.fixture
def mine(engine: Said) -> Phone:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)
    return phone


@pytest.fixture
def theirs(mine: Phone) -> Phone:
    """Another order of the same token, with an analysed photo."""
    phone = Phone(mine.token)
    phone.open(query=FRONT)
    phone.take()
    phone.analyse()
    return phone


def reach(phone: Phone, *, visit: str, item: str, photo: str) -> dict[str, Any]:
    """Try every address of the interface."""
    base = f"/field/api/visits/{visit}/"
    empty: dict[str, Any] = {}
    whole = picture()
    saved, phone.state = phone.state, {"visit": {"uuid": visit}, "item": item}
    try:
        return {
            "state": phone.client.get(base),
            "photo": phone.client.get(f"{base}inputs/{photo}"),
            "correct": phone.post(f"{base}inputs/{photo}/corrections", {"task": "seal_present", "value": False}),
            "again": phone.post(f"{base}inputs/{photo}/analyses", empty),
            "issue": phone.post(f"{base}items/{item}/issues", {"category": "photo", "text": "", "key": "issue-0001"}),
            "put": phone.put(whole),
            "head": phone.head(),
            "leave": phone.post(f"{base}leave", {"reason": "done"}),
        }
    finally:
        phone.state = saved


def nothing_happened(photo: str) -> bool:
    corrected = Input.objects.get(uuid=photo).analyses.get().outcomes.filter(corrected_at__isnull=False).exists()
    return not (corrected or Issue.objects.exists() or Upload.objects.exists() or Callback.objects.exists())


def test_a_cookie_opens_its_own_visit_alone(mine: Phone, theirs: Phone) -> None:
    photo = theirs.state_photo()
    others = {"visit": theirs.state["visit"]["uuid"], "item": theirs.item, "photo": photo}
    nobodys = {"visit": str(uuid4()), "item": str(uuid4()), "photo": str(uuid4())}

    answers, unknown = reach(mine, **others), reach(mine, **nobodys)

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {name: each.content for name, each in answers.items()} == {n: each.content for n, each in unknown.items()}
    assert nothing_happened(photo)


def test_ids_of_another_order_are_answered_like_unknown_ones(mine: Phone, theirs: Phone) -> None:
    photo, visit = theirs.state_photo(), mine.state["visit"]["uuid"]

    answers = reach(mine, visit=visit, item=theirs.item, photo=photo)
    unknown = reach(mine, visit=visit, item=str(uuid4()), photo=str(uuid4()))

    named = {"photo", "correct", "again", "issue", "put", "head"}
    assert {answers[name].status_code for name in named} == {404}
    assert {name: answers[name].content for name in named} == {name: unknown[name].content for name in named}
    assert not Issue.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "\x00", "é" * 40])
def test_a_forged_cookie_opens_nothing(mine: Phone, secret: str) -> None:
    mine.client.cookies["fp_visit"] = secret

    assert mine.client.get(mine.url).json()["code"] == "no_visit"


def test_the_cookie_is_bound_to_its_visit_and_out_of_reach_of_scripts(mine: Phone) -> None:
    cookie = mine.open(query=FRONT).cookies["fp_visit"]

    visit = Visit.objects.latest("pk")
    assert cookie["path"] == f"/field/api/visits/{visit.uuid}/"
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 4 * 3600)
    assert cookie.value not in (visit.secret_hash, str(visit.uuid))
    secure = mine.client.post(
        "/field/api/visits",
        {"token": mine.token, "path": "/field/connector/work_item/create", "query": FRONT, "idempotencyKey": "k" * 8},
        content_type="application/json",
        headers=OWN,
        secure=True,
    )
    assert secure.cookies["fp_visit"]["secure"] is True


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Fieldport": "0"},
        {"X-Fieldport": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Fieldport": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Fieldport": "1", "Origin": "https://evil.example.com"},
        {"X-Fieldport": "1", "Origin": "null"},
    ],
)
def test_another_sites_page_can_do_nothing(mine: Phone, headers: dict[str, str]) -> None:
    answers = [
        mine.client.post(f"{mine.url}leave", {"reason": "done"}, content_type="application/json", headers=headers),
        mine.client.put(f"{mine.url}items/{mine.item}/uploads/photo-0001", picture(), headers=headers),
        mine.client.post("/field/api/visits", {}, content_type="application/json", headers=headers),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "foreign_request")}
    assert not Callback.objects.exists()


def test_our_own_page_is_let_in_with_its_origin(mine: Phone) -> None:
    assert mine.post(f"{mine.url}leave", {"reason": "done"}, Origin="http://testserver").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"token": 7}', b'{"token": ["x"]}', b"\xff", b'{"idempotencyKey": "short"}', b"[" * 99]
)
def test_bodies_that_make_no_sense_are_refused(client: Client, body: bytes) -> None:
    answer = client.post("/field/api/visits", body, content_type="application/json", headers=OWN)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_form_is_no_json(client: Client) -> None:
    assert client.post("/field/api/visits", {"token": "x"}, headers=OWN).status_code == 400


def test_big_bodies_are_not_read(mine: Phone) -> None:
    assert mine.post(f"{mine.url}leave", {"reason": "x" * 70_000}).status_code == 413


def test_methods_that_are_not_offered_are_refused(mine: Phone) -> None:
    assert mine.client.get("/field/api/visits").status_code == 405
    assert mine.client.delete(mine.url).status_code == 405
    assert mine.client.post("/field/connector/work_item/create").status_code == 405


def test_tokens_are_not_guessed_for_long() -> None:
    right = Phone(make_token()[1])

    codes = [Phone(f"guess-{number}").open(query=FRONT).status_code for number in range(guessing.MOST + 1)]
    refused = right.open(query=FRONT)

    assert codes == [401] * guessing.MOST + [429]
    assert refused.json()["code"] == "too_many_guesses"
    cache.clear()
    assert right.open(query=FRONT).status_code == 201


def test_a_team_with_a_wrong_token_does_not_lock_out_its_neighbours() -> None:
    right, wrong = Phone(make_token()[1]), Phone("wrong")

    codes = {wrong.open(query=FRONT).status_code for _ in range(guessing.MOST + 1)}

    assert codes == {401}
    assert right.open(query=FRONT).status_code == 201


def test_a18_the_token_is_nowhere_but_in_the_request(
    engine: Said, caplog: pytest.LogCaptureFixture, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no row, no log of any level, no answer, no callback; also when something breaks while it is at hand."""
    caplog.set_level(logging.DEBUG)
    value = make_token()[1]
    phone = Phone(value, Client(raise_request_exception=False))
    seen = io.StringIO()

    answers = [phone.open(query=f"{FRONT}&note={value}&state=S", device=f"agent {value}")]
    photo = phone.take()
    phone.analyse()
    answers += [phone.client.get(phone.url), phone.client.get(f"{phone.url}inputs/{photo}")]
    seen.write(phone.leave())
    answers += [phone.open(query=f"task_group_name={value}"), phone.open(f"/field/connector/{value}", FRONT)]
    answers += [phone.open(query=FRONT, idempotencyKey=7), phone.open(query=FRONT, device=[value])]
    monkeypatch.setattr(arriving, "_begin", lambda *_, **__: 1 / 0)
    broken = phone.open(query=FRONT)
    settings.DEBUG = True
    answers += [broken, phone.open(query=FRONT)]

    for answer in answers:
        seen.write(answer.content.decode() + str(dict(answer.items())) + str(answer.cookies))
    for record in caplog.records:
        seen.write(record.getMessage() + str(record.exc_info or ""))
    assert broken.status_code == 500
    assert value not in seen.getvalue()
    assert tables_with(value) == []


def tables_with(value: str) -> list[str]:
    """Return the tables in which any column holds the value."""
    found = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            if any(value in str(column) for row in cursor.fetchall() for column in row):
                found.append(name)
    return found


INJECTIONS = [
    "'; DROP TABLE camera_visit; --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "\x00\ud800".encode("utf-8", "surrogatepass")
    .decode("utf-8", "surrogateescape")
    .encode("utf-8", "replace")
    .decode(),
    "%00%0d%0a",
    "\U0001d54f" * 60,
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["work_order_name", "task_group_name", "state", "callback_URI", "wo_metadata"])
def test_what_is_injected_through_a_parameter_stays_a_text(mine: Phone, name: str, text: str) -> None:
    first = f"{FRONT}&" if name != "task_group_name" else ""

    answer = mine.open(query=f"{first}{name}={text}")

    assert answer.status_code in (201, 404, 422)
    assert answer["Content-Type"] == "application/json"
    assert "Set-Cookie: a" not in str(answer.headers)
    assert Visit.objects.exists()


def test_a_name_of_any_characters_is_kept_as_given(mine: Phone) -> None:
    mine.open(query=f"{FRONT}&work_order_name=%3Cb%3EJob%20%231%3C/b%3E")

    assert FieldOrder.objects.latest("pk").name == "<b>Job #1</b>"


def test_tokens_of_two_sites_do_not_see_each_others_orders(mine: Phone) -> None:
    other = Phone(make_token(make_site())[1])

    assert other.open(f"/field/connector/work_item/{mine.item}").status_code == 404
    assert ConnectorToken.objects.count() == 2


def test_ids_are_never_numbers_of_rows(mine: Phone) -> None:
    assert str(UUID(mine.item)) == mine.item
    assert mine.client.get("/field/api/visits/1/").status_code == 404
