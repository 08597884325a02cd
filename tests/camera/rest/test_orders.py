"""Orders made, read, changed and deleted by a program; and what guides its field workers."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from integrations.camera.models import ApiKey, FieldOrder, Site
from integrations.camera.services import keys
from integrations.workorders.models import Join, WorkOrder
from tests.camera.conftest import Said
from tests.camera.making import (
    make_connection,
    make_group,
    make_site,
    make_system,
    make_task,
    make_token,
    make_user,
    make_version,
)
from tests.camera.phone import Phone
from tests.camera.rest.program import Program, make_key, photo, state_of

pytestmark = pytest.mark.django_db
KEYS = """id name site_id review_date first_analysis_id latest_analysis_id create_date update_date tags
 assigned_user_id engage_app_id parameters metadata tasks task_groups inputs progress_score"""


def test_a46_an_order_is_made_and_the_connector_takes_its_id(program: Program) -> None:
    metadata = {"region": "North", "floors": 3, "urgent": True, "gone": None}
    body = {"name": "JOB-1042", "metadata": metadata, "tags": ["north"], "unheard_of": 1}

    answer = program.call("post", "work-orders/", body)

    told = answer.json()
    assert (answer.status_code, set(KEYS.split()) - set(told)) == (201, set())
    assert told["metadata"] == {"region": "North", "floors": 3, "urgent": True}
    assert (told["tags"], told["progress_score"], told["inputs"]) == (["north"], 0, [])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", told["create_date"])
    phone = Phone(make_token(Site.objects.get())[1])
    assert phone.open(query=f"work_order_id={told['id']}&task_group_name=meter_front").status_code == 201
    assert FieldOrder.objects.count() == 1


@pytest.mark.parametrize("slash", ["", "/"])
def test_each_address_works_with_and_without_a_slash_and_never_redirects(
    program: Program, engine: Said, slash: str
) -> None:
    order = program.call("post", f"work-orders{slash}", {"name": "JOB-1"}).json()["id"]

    judged = program.call("post", f"work-orders/{order}/analyze{slash}", photo())
    task = judged.json()["tasks"][0]["id"]
    answers = [
        judged,
        program.call("get", f"work-orders/{order}{slash}"),
        program.call("patch", f"work-orders/{order}{slash}", {"tags": ["a"]}),
        program.call("patch", f"work-orders/{order}/tasks/{task}/correction{slash}", {"corrected_value": False}),
        program.call("get", f"task-groups{slash}"),
        program.call("get", f"task-groups/meter_front{slash}"),
        program.call("delete", f"work-orders/{order}{slash}"),
    ]

    assert [answer.status_code for answer in answers] == [200] * 6 + [204]


def test_a53_a_deleted_order_is_not_found_here_nor_by_the_connector(program: Program) -> None:
    order = program.create()

    deleted = program.call("delete", f"work-orders/{order}/")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert program.call("get", f"work-orders/{order}/").status_code == 404
    assert program.call("delete", f"work-orders/{order}/").status_code == 404
    assert program.analyze(order).status_code == 404
    phone = Phone(make_token(Site.objects.get())[1])
    assert phone.open(query=f"work_order_id={order}&task_group_name=meter_front").json()["code"] == "not_found"
    assert not Join.objects.unmatched().exists()


def test_only_what_is_sent_is_changed_and_metadata_as_a_whole(program: Program) -> None:
    make_user(email="worker@example.com")
    order = program.create(metadata={"region": "North", "floors": 3}, tags=["a"])

    told = program.call(
        "patch",
        f"work-orders/{order}/",
        {"metadata": {"region": "South"}, "field_engineer_email": "Worker@example.com", "user_group_ids": [1, "b"]},
    ).json()

    assert (told["name"], told["tags"], told["metadata"]) == ("JOB-1042", ["a"], {"region": "South"})
    assert (told["field_engineer_email"], told["user_group_ids"]) == ("Worker@example.com", [1, "b"])
    assert told["assigned_user_id"] is not None
    assert program.order(order) == told


def test_an_order_belongs_to_the_work_order_that_the_key_says() -> None:
    make_system()
    program = Program(make_key(link_by="METADATA", link_metadata_key="job")[1])

    matched = program.create(metadata={"job": "WO-7"})
    waiting = program.create()
    assert Join.objects.unmatched().count() == 1
    program.call("patch", f"work-orders/{waiting}/", {"metadata": {"job": "WO-7"}})

    subjects = FieldOrder.objects.filter(uuid__in=[matched, waiting]).values_list("subject", flat=True)
    assert set(subjects) == {WorkOrder.objects.get().subject}
    assert not Join.objects.unmatched().exists()


def test_free_names_are_taken_where_the_site_says_so() -> None:
    free = Program(make_key(make_site(strict_names=False))[1])

    assert free.order(free.create(name="Zähler 7 / Nord"))["name"] == "Zähler 7 / Nord"


def test_types_restrict_the_tasks() -> None:
    site = make_site()
    make_task(site.active_version.groups.get(name="meter_back"), "sealed", type_names=["install"])  # type: ignore[union-attr]
    program = Program(make_key(site)[1])

    every = {task["name"] for task in program.order(program.create(name="A"))["tasks"]}
    install = program.order(program.create(name="B", work_order_types=["install"]))

    assert "sealed" in {task["name"] for task in install["tasks"]}
    assert every == {"seal_present", "clean", "closed", "sealed"}
    assert install["work_order_types"] == ["install"]


def test_task_groups_guide_field_workers(program: Program) -> None:
    listed = program.call("get", "task-groups/").json()
    french = program.call("get", "task-groups/meter_front", **{"Accept-Language": "fr"}).json()

    assert [group["name"] for group in listed] == ["meter_front", "meter_back"]
    task = listed[0]["tasks"][0]
    assert (task["name"], task["outcome_type"], task["conformity_status"]) == ("seal_present", "Boolean", True)
    assert task["outcome_validation"][0] == {
        "schema": {"const": True},
        "sentence": "Seal present",
        "color": "#00aa66",
        "not_analyzed": False,
        "is_conformity_validated": True,
    }
    assert french["display_name"] == "Le meter_front"
    assert french["tasks"][0]["outcome_validation"][0]["sentence"] == "Scellé présent"


def test_a54_names_live_through_an_upgrade_though_ids_change(program: Program, engine: Said) -> None:
    site, old = Site.objects.get(), program.create(name="OLD")
    before = {task["name"]: task["id"] for task in program.order(old)["tasks"]}
    version = make_version(site)
    make_task(make_group(version, "meter_front"), "seal_present")
    new = program.create(name="NEW")

    after = {task["name"]: task["id"] for task in program.order(new)["tasks"]}
    for order in (old, new):
        judged = program.analyze(order).json()
        (task,) = [task for task in judged["tasks"] if task["name"] == "seal_present"]
        path = f"work-orders/{order}/tasks/{task['id']}/correction/"
        assert program.call("patch", path, {"corrected_value": False}).status_code == 200
        assert state_of(program.order(order), "seal_present")["corrected_value"] is False

    assert before["seal_present"] != after["seal_present"]
    assert program.order(old)["engage_app_id"] != program.order(new)["engage_app_id"]
    crossed = f"work-orders/{new}/tasks/{before['seal_present']}/correction/"
    assert program.call("patch", crossed, {"corrected_value": True}).status_code == 404


def _every(program: Program, order: str, task: str) -> list[Any]:
    return [
        program.call("post", "work-orders/", {"name": "JOB-2"}),
        program.call("get", f"work-orders/{order}/"),
        program.call("patch", f"work-orders/{order}/", {"name": "JOB-3"}),
        program.call("post", f"work-orders/{order}/analyze/", photo()),
        program.call("patch", f"work-orders/{order}/tasks/{task}/correction/", {"corrected_value": False}),
        program.call("get", "task-groups/"),
        program.call("get", "task-groups/meter_front"),
        program.call("delete", f"work-orders/{order}/"),
    ]


@pytest.mark.parametrize("end", ["none", "unknown", "bearer", "revoked", "expired", "inactive"])
def test_a45_without_a_key_that_holds_nothing_is_answered(engine: Said, end: str) -> None:
    key, value = make_key()
    good = Program(value)
    order = good.create()
    task = good.analyze(order).json()["tasks"][0]["id"]
    before = good.order(order)
    match end:
        case "revoked":
            assert keys.revoke(key, now=timezone.now())
        case "expired":
            ApiKey.objects.update(expires_at=timezone.now())
        case "inactive":
            key.user.is_active = False
            key.user.save()
    program = Program({"none": "", "unknown": "fpk_" + "x" * 40}.get(end, value))
    if end == "bearer":
        program = Program("")
        program.client = Client(headers={"Authorization": f"Bearer {value}"})

    answers = _every(program, order, task)

    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.json()["detail"] and answer["WWW-Authenticate"] == "Token" for answer in answers)
    ApiKey.objects.update(revoked_at=None, expires_at=None)
    key.user.is_active = True
    key.user.save()
    assert good.order(order) == before


def test_a_connector_token_is_no_key() -> None:
    _token, value = make_token()

    assert Program(value).call("get", "task-groups/").status_code == 401


@pytest.mark.parametrize("missing", ["view", "add", "change", "delete"])
def test_a_key_has_its_users_rights(engine: Said, missing: str) -> None:
    site = make_site()
    order = Program(make_key(site)[1]).create()
    task = Program(make_key(site)[1]).analyze(order).json()["tasks"][0]["id"]
    rights = tuple(right for right in ("view", "add", "change", "delete") if right != missing)
    needed = ["add", "view", "change", "change", "change", "view", "view", "delete"]

    answers = _every(Program(make_key(site, rights=rights)[1]), order, task)

    refused = [right for right, answer in zip(needed, answers, strict=True) if answer.status_code == 403]
    assert refused == [right for right in needed if right == missing]
    assert all(missing in answer.json()["detail"] for answer in answers if answer.status_code == 403)


def test_a_key_of_another_site_finds_what_an_unknown_id_finds(engine: Said) -> None:
    mine = Program(make_key()[1])
    order = mine.create()
    task = mine.analyze(order).json()["tasks"][0]["id"]
    before = mine.order(order)
    stranger = Program(make_key(make_site(connection=make_connection()))[1])

    theirs = _every(stranger, order, task)
    unknown = _every(stranger, str(UUID(int=7)), str(UUID(int=8)))

    named = [answer for answer in theirs if answer.status_code == 404]
    assert [answer.content for answer in named] == [answer.content for answer in unknown if answer.status_code == 404]
    assert len(named) == 5
    assert mine.order(order) == before
