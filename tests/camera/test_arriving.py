"""How visits begin: the acceptance cases of the vendor sheet, section 6, that the server decides, by their number."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from integrations.camera.models import ConnectorToken, FieldOrder, Input, Scenario, Visit, WorkItem
from integrations.camera.services import tokens
from integrations.workorders.models import Join, WorkOrder
from tests.camera.conftest import Said
from tests.camera.making import (
    DEFAULT_CALLBACK,
    make_group,
    make_site,
    make_system,
    make_task,
    make_token,
    make_user,
    make_version,
)
from tests.camera.phone import CREATE, Phone, parameters

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front"


@pytest.fixture
def token() -> tuple[ConnectorToken, str]:
    return make_token()


@pytest.fixture
def phone(token: tuple[ConnectorToken, str]) -> Phone:
    return Phone(token[1])


def base64_of(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def nothing_was_made() -> bool:
    return not FieldOrder.objects.exists() and not WorkItem.objects.exists()


def test_a01_an_order_and_an_item_are_made_and_the_callback_tells_them(phone: Phone, engine: Said) -> None:
    assert phone.open(query=FRONT).status_code == 201

    photo = phone.take()
    phone.analyse()

    order, item = FieldOrder.objects.get(), WorkItem.objects.get()
    assert phone.told() == {
        "work_order_id": str(order.uuid),
        "work_item_id": str(item.uuid),
        "input_id": photo,
        "status": "analysis_ok",
        "work_item_score": "100",
    }


def test_a02_an_order_gets_another_item(phone: Phone) -> None:
    phone.open(query=FRONT)
    order = FieldOrder.objects.get()

    phone.open(query=f"work_order_id={order.uuid}&task_group_name=meter_back")

    assert FieldOrder.objects.count() == 1
    assert [item.group.name for item in WorkItem.objects.order_by("pk")] == ["meter_front", "meter_back"]
    assert phone.state["visit"]["scenario"] == Scenario.ADD


def test_a03_each_call_for_a_group_makes_an_item(phone: Phone) -> None:
    phone.open(query=FRONT)
    order = FieldOrder.objects.get()

    phone.open(query=f"work_order_id={order.uuid}&{FRONT}")
    phone.open(query=f"work_order_id={order.uuid}&{FRONT}")

    assert WorkItem.objects.filter(order=order, group__name="meter_front").count() == 3


def test_a04_an_item_is_photographed_again(phone: Phone, engine: Said) -> None:
    phone.open(query=FRONT)
    phone.take()
    item = WorkItem.objects.get()

    phone.open(f"/field/connector/work_item/{item.uuid}", f"{FRONT}&work_order_id={uuid4()}")
    second = phone.take()
    phone.analyse()

    assert WorkItem.objects.count() == 1
    assert phone.told()["input_id"] == second
    assert Input.objects.count() == 2


def test_a05_the_analysis_view_shows_its_input(phone: Phone, engine: Said) -> None:
    phone.open(query=FRONT)
    photo = phone.take()
    phone.analyse()

    phone.open(f"/field/connector/input/{photo}")

    assert (phone.state["visit"]["scenario"], phone.state["visit"]["input"]) == (Scenario.ANALYSIS, photo)
    assert [each["state"] for each in phone.state["items"][0]["photos"]] == ["done"]


def test_a06_an_order_without_a_name_gets_one(phone: Phone) -> None:
    phone.open(query=FRONT)

    name = FieldOrder.objects.get().name
    assert len(name) == 8
    assert set(name) <= set("0123456789ABCDEF")


def test_a07_and_a08_metadata_arrives_as_it_was_sent_even_as_raw_base64(phone: Phone) -> None:
    given = {"region": "North", "note": "ûïÿ>>>???", "floors": 3}
    raw = base64.b64encode(json.dumps(given, ensure_ascii=False).encode()).decode()
    assert "+" in raw or "/" in raw

    phone.open(query=f"{FRONT}&wo_metadata={raw}")

    assert FieldOrder.objects.get().metadata == given


@pytest.mark.parametrize(
    ("query", "code", "answer"),
    [
        ("", "unknown_task_group", 422),  # a09
        ("task_group_name=METER_FRONT", "unknown_task_group", 422),  # a10
        (f"{FRONT}&wo_metadata=%7B%7D", "invalid_metadata", 422),
        (f"{FRONT}&wo_metadata={base64_of([1])}", "invalid_metadata", 422),
        (f"{FRONT}&work_order_id=17", "not_found", 404),
        (f"{FRONT}&work_order_name={'x' * 129}", "name_too_long", 422),
    ],
)
def test_a09_a10_what_cannot_be_made_makes_nothing_and_shows_the_way_back(
    phone: Phone, query: str, code: str, answer: int
) -> None:
    given = phone.open(query=f"{query}&state=S%2B1")

    assert (given.status_code, given.json()["code"]) == (answer, code)
    assert nothing_was_made()
    assert given.json()["leave"].startswith(DEFAULT_CALLBACK)
    assert parameters(given.json()["leave"]) == {"status": "canceled_picture", "error": code, "state": "S+1"}
    assert Visit.objects.get().error == code
    assert given.cookies == {}


def test_the_reason_is_not_told_where_the_token_says_so() -> None:
    phone = Phone(make_token(error_parameter=False)[1])

    given = phone.open(query="task_group_name=nothing")

    assert parameters(given.json()["leave"]) == {"status": "canceled_picture"}


@pytest.mark.parametrize(
    "path", [CREATE, f"{CREATE}/", "/field/connector/work_order/create", "/field/connector/input/x"]
)
def test_a11_a_get_makes_nothing_and_tells_nobody_where_the_user_came_from(client: Client, path: str) -> None:
    make_token()

    answer = client.get(path, query_params={"task_group_name": "meter_front"})

    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert nothing_was_made()
    assert not Visit.objects.exists()


def test_the_service_worker_is_served_where_it_may_answer_for_the_page(client: Client) -> None:
    answer = client.get("/field/sw.js?static=/static/camera/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a12_the_same_key_is_the_same_visit(phone: Phone) -> None:
    first = phone.open(query=FRONT, key="one-and-the-same")
    second = phone.open(query=FRONT, key="one-and-the-same")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["visit"]["uuid"] == second.json()["visit"]["uuid"]
    assert first.cookies["fp_visit"].value == second.cookies["fp_visit"].value, "two tabs share the visit"
    assert WorkItem.objects.count() == 1


def test_a_key_of_another_address_is_refused(phone: Phone) -> None:
    phone.open(query=FRONT, key="one-and-the-same")

    answer = phone.open(query="task_group_name=meter_back", key="one-and-the-same")

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert WorkItem.objects.count() == 1


def test_a_visit_that_was_refused_may_begin_later_under_its_key(
    phone: Phone, token: tuple[ConnectorToken, str]
) -> None:
    phone.open(query="task_group_name=new_group", key="one-and-the-same")
    version = token[0].site.active_version
    assert version is not None
    make_group(version, "new_group")

    assert phone.open(query="task_group_name=new_group", key="one-and-the-same").status_code == 201

    assert Visit.objects.get().error == ""


def test_a13_unknown_foreign_deleted_and_malformed_ids_are_answered_alike(phone: Phone) -> None:
    other = Phone(make_token(make_site())[1])
    other.open(query=FRONT)
    photo = other.take()
    theirs, item = FieldOrder.objects.get(), WorkItem.objects.get()
    phone.open(query=FRONT)
    deleted = FieldOrder.objects.latest("pk")
    FieldOrder.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())

    answers = [
        phone.open(query=f"{FRONT}&work_order_id={each}") for each in (theirs.uuid, uuid4(), deleted.uuid, "x%00")
    ]
    answers += [phone.open(f"/field/connector/work_item/{each}") for each in (item.uuid, uuid4(), "nothing")]
    answers += [phone.open(f"/field/connector/input/{each}") for each in (photo, uuid4())]
    answers += [phone.open(f"/field/connector/work_order/{each}") for each in (theirs.uuid, uuid4())]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "token_missing"),  # a14
        ("unknown", "token_unknown"),
        ("T?state=S", "url_order"),  # a15
        ("x" * 256, "token_unknown"),
    ],
)
def test_a14_a15_without_a_known_token_there_is_no_way_back(value: str, code: str) -> None:
    make_token(value="T")

    answer = Phone(value).open(query=f"{FRONT}&callback_URI=https%3A%2F%2Fevil.example.com")

    assert answer.status_code == 401
    assert {name: answer.json()[name] for name in ("code", "leave")} == {"code": code, "leave": None}
    assert nothing_was_made()


@pytest.mark.parametrize("end", ["expired", "revoked", "user"])
def test_a16_a_token_that_has_ended_offers_its_default_callback_only(end: str) -> None:
    token, value = make_token(expires_at=timezone.now() - timedelta(seconds=1) if end == "expired" else None)
    if end == "revoked":
        tokens.revoke(token, now=timezone.now())
    if end == "user":
        token.user.is_active = False
        token.user.save()

    answer = Phone(value).open(query=f"{FRONT}&callback_URI=https%3A%2F%2Ffsm.example.com%2Fother")

    code = "token_expired" if end == "expired" else "token_revoked"
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.json()["leave"].startswith(f"{DEFAULT_CALLBACK}?")
    assert nothing_was_made()


def test_a17_a_token_has_up_to_255_characters_and_no_ampersand() -> None:
    _, longest = make_token(value="v" * 255)

    assert Phone(longest).open(query=FRONT).status_code == 201
    for wrong in ("v" * 256, "a&b", "a b"):
        with pytest.raises(tokens.TokenInvalid):
            make_token(value=wrong)


def test_a_token_is_kept_as_a_hash_and_its_own_default_callback_is_checked() -> None:
    token, value = make_token()

    assert value not in json.dumps({name: str(each) for name, each in vars(token).items()})
    with pytest.raises(tokens.TokenInvalid, match="callback"):
        make_token(default_callback="javascript:alert(1)")
    with pytest.raises(tokens.TokenInvalid, match="in use"):
        make_token(value=value)


def test_a19_a20_a27_the_callback_is_the_given_one_if_it_is_allowed(phone: Phone) -> None:
    phone.open(query=f"{FRONT}&callback_URI=https%3A%2F%2Ffsm.example.com%2Fjobs%2F7%3Ftab%3Dphotos")
    assert phone.leave("cancel").startswith("https://fsm.example.com/jobs/7?tab=photos&work_order_id=")

    phone.open(query=f"{FRONT}&callback_URI=https%3A%2F%2Fevil.example.com%2F")
    assert phone.leave("cancel").startswith(f"{DEFAULT_CALLBACK}?work_order_id=")
    assert Visit.objects.latest("pk").callback_refused == "callback host evil.example.com is not allowed"


def test_a30_a_camera_without_a_photo_is_cancelled(phone: Phone) -> None:
    phone.open(query=f"{FRONT}&state=a%2Bb%3D")

    told = phone.told("cancel")

    item = WorkItem.objects.get()
    assert told == {
        "work_order_id": str(item.order.uuid),
        "work_item_id": str(item.uuid),
        "status": "canceled_picture",
        "state": "a+b=",
    }


def test_a_visit_that_began_with_a_good_token_may_end_after_its_expiry(engine: Said) -> None:
    token, value = make_token(expires_at=timezone.now() + timedelta(hours=1))
    phone = Phone(value)
    phone.open(query=FRONT, key="one-and-the-same")
    ConnectorToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    phone.take()
    phone.analyse()

    assert phone.told()["status"] == "analysis_ok"
    assert phone.open(query=FRONT, key="one-and-the-same").status_code == 200, "a reload of the same visit"
    assert phone.open(query=FRONT).json()["code"] == "token_expired", "a new one"


def test_a_visit_ends_after_four_hours(phone: Phone) -> None:
    phone.open(query=FRONT)
    Visit.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = phone.client.get(phone.url)

    assert (answer.status_code, answer.json()["code"]) == (401, "visit_over")


def test_a_revoked_token_ends_its_visits(phone: Phone, token: tuple[ConnectorToken, str]) -> None:
    phone.open(query=FRONT)

    tokens.revoke(token[0], now=timezone.now())

    assert phone.client.get(phone.url).json()["code"] == "visit_over"


def test_an_order_keeps_the_catalogue_that_it_began_with(phone: Phone, token: tuple[ConnectorToken, str]) -> None:
    phone.open(query=FRONT)
    order = FieldOrder.objects.get()
    make_version(token[0].site)  # without any group

    assert phone.open(query=f"work_order_id={order.uuid}&task_group_name=meter_back").status_code == 201
    assert phone.open(query=FRONT).json()["code"] == "unknown_task_group"


def test_types_restrict_the_groups_and_have_to_exist(phone: Phone, token: tuple[ConnectorToken, str]) -> None:
    version = token[0].site.active_version
    assert version is not None
    make_task(make_group(version, "cabinet"), "locked", type_names=["install"])
    make_task(make_group(version, "roof"), "tight", type_names=["repair"])

    page = "/field/connector/work_order/create"
    assert phone.open(page, "type_names=demolish").json()["code"] == "unknown_type"
    phone.open(page, "type_names=install")

    order = FieldOrder.objects.get()
    assert phone.state["addable"] == ["meter_front", "cabinet", "meter_back"]
    answer = phone.open(query=f"work_order_id={order.uuid}&task_group_name=roof")
    assert answer.json()["code"] == "task_group_not_applicable"


def test_a_closed_order_gets_no_more_items_and_shows_its_photos(phone: Phone, engine: Said) -> None:
    phone.open(query=FRONT)
    photo = phone.take()
    order = FieldOrder.objects.get()
    FieldOrder.objects.update(reviewed_at=timezone.now())

    refused = phone.open(query=f"work_order_id={order.uuid}&{FRONT}")
    phone.open(f"/field/connector/work_item/{WorkItem.objects.get().uuid}")

    assert refused.json()["code"] == "read_only"
    assert phone.state["order"]["readOnly"] is True
    assert phone.state["items"][0]["photos"][0]["uuid"] == photo


def test_the_work_orders_page_adds_items_and_tells_progress(phone: Phone, engine: Said) -> None:
    phone.open("/field/connector/work_order/create", "work_order_name=JOB-1&state=S")
    for group in ("meter_front", "meter_back"):
        added = phone.post(f"{phone.url}items", {"group": group})
        phone.take(item=added.json()["item"])
    phone.analyse()

    assert [each["group"] for each in phone.now()["items"]] == ["meter_front", "meter_back"]
    assert phone.told() == {
        "work_order_id": phone.state["order"]["uuid"],
        "progress_score": "100",
        "state": "S",
    }


def test_only_the_work_orders_page_adds_items(phone: Phone) -> None:
    phone.open(query=FRONT)

    assert phone.post(f"{phone.url}items", {"group": "meter_back"}).status_code == 404
    assert WorkItem.objects.count() == 1


def test_the_key_joins_the_order_to_a_work_order_of_ours(phone: Phone) -> None:
    make_system()

    phone.open(query=f"{FRONT}&work_order_name=WO-7")

    order = FieldOrder.objects.get()
    assert order.subject == f"workorder/{WorkOrder.objects.get(external_ids__external_id='WO-7').pk}"
    assert Visit.objects.get().subject == order.subject
    assert Join.objects.get().key_read == "WO-7"


@pytest.mark.parametrize(
    ("values", "query", "reason"),
    [
        ({}, "", "sent no work_order_name"),
        ({"link_by": "METADATA", "link_metadata_key": "job"}, "&work_order_name=WO-7", "has no “job”"),
        ({"link_by": "NONE"}, "&work_order_name=WO-7", "names nothing"),
    ],
)
def test_an_order_without_a_key_waits_in_unmatched(values: dict[str, Any], query: str, reason: str) -> None:
    make_system()
    phone = Phone(make_token(**values)[1])

    phone.open(query=FRONT + query)

    assert reason in Join.objects.unmatched().get().reason
    assert FieldOrder.objects.get().subject == ""


def test_a_key_of_the_metadata_joins_and_names_the_technician() -> None:
    make_system()
    _, value = make_token(link_by="METADATA", link_metadata_key="job", technician_metadata_key="tech")
    phone = Phone(value)

    phone.open(query=f"{FRONT}&wo_metadata={base64_of({'job': 981, 'tech': 'Kim'})}")

    assert WorkOrder.objects.get().external_ids.get().external_id == "981"
    assert Visit.objects.get().technician == "Kim"


def test_required_metadata_is_asked_for_only_where_the_site_says_so() -> None:
    schema = {"region": {"type": "text", "required": True}}
    lenient = Phone(make_token(make_site(metadata_schema=schema))[1])
    strict = Phone(make_token(make_site(metadata_schema=schema, require_metadata=True))[1])

    assert lenient.open(query=FRONT).status_code == 201
    assert strict.open(query=FRONT).json()["code"] == "invalid_metadata"


def test_use_of_a_token_is_noted(phone: Phone, token: tuple[ConnectorToken, str]) -> None:
    phone.open(query=FRONT)

    token[0].refresh_from_db()
    assert token[0].last_used_at is not None


def test_an_entered_token_of_the_vendor_works_percent_encoded_too() -> None:
    token, _ = make_token(value="vendor/token=1", user=make_user())

    assert Phone("vendor%2Ftoken%3D1").open(query=FRONT).status_code == 201
    assert token.prefix == "vend"
