"""Photos judged while their sender waits, and corrections."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.camera.api import fetching, waiting
from integrations.camera.engines.contract import EngineFailed, Message, Verdict
from integrations.camera.models import Analysis, FieldOrder, Input, Site, TaskGroup, WorkItem
from integrations.core.images import clean
from tests.camera.conftest import Said
from tests.camera.making import make_token, picture
from tests.camera.phone import Phone
from tests.camera.rest.program import Program, photo, state_of, uri

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 a document"


def test_a47_a_photo_is_judged_while_its_sender_waits(program: Program, engine: Said, client: Client) -> None:
    order = program.create()

    answer = program.analyze(order, photo(metadata={"source": "fsm"}))

    told = answer.json()
    assert answer.status_code == 200
    assert {task["name"]: task["state"]["analyzed_value"] for task in told["tasks"]} == {
        "seal_present": True,
        "clean": True,
    }
    assert state_of(told, "seal_present") | {"regions": []} == {
        "analyzed_value": True,
        "corrected_value": None,
        "message": "Seal present",
        "is_conformity_validated": True,
        "regions": [],
    }
    whole = program.order(order)
    assert (whole["progress_score"], told["progress_score"]) == (67, 67)
    assert (whole["first_analysis_id"], whole["latest_analysis_id"]) == (told["id"], told["id"])
    (sent,) = whole["inputs"]
    assert (sent["id"], sent["context"], sent["metadata"]) == (told["input_id"], "meter_front", {"source": "fsm"})
    served = client.get(sent["url"].removeprefix("http://localhost:8000"))
    assert clean(b"".join(served) if served.streaming else served.content).width == 320


def test_a48_an_image_without_its_prefix_is_refused(program: Program, engine: Said) -> None:
    order = program.create()

    for value in (uri().partition(",")[2], uri(head="data:;base64,"), uri(head="data:text/html;base64,"), "photo.jpg"):
        answer = program.analyze(order, photo(value))
        assert (answer.status_code, "data:image/jpg;base64," in answer.json()["detail"]) == (400, True)
    assert not Input.objects.exists()


def test_a49_an_image_over_5_mb_is_refused(program: Program, engine: Said) -> None:
    order, tail = program.create(), bytes(fetching.MOST_OF_A_PHOTO)

    slightly = program.analyze(order, photo(uri(picture() + tail)))
    far = program.analyze(order, photo(uri(bytes(13 * 1024 * 1024))))

    assert [answer.status_code for answer in (slightly, far)] == [413, 413]
    assert all(answer.json()["detail"] for answer in (slightly, far))
    assert not Input.objects.exists()
    assert not WorkItem.objects.exists()


def test_a50_inputs_are_left_out_when_asked(program: Program, engine: Said) -> None:
    order = program.create()
    program.analyze(order)

    light, whole = program.order(order, "?include_inputs=false"), program.order(order)

    assert (light["inputs"], len(whole["inputs"])) == ([], 1)
    assert light["tasks"] == whole["tasks"]


@pytest.mark.parametrize("value", [False, "false"])
def test_a51_a_correction_is_put_beside_the_analysed_value(program: Program, engine: Said, value: Any) -> None:
    order = program.create()
    (task, _) = program.analyze(order).json()["tasks"]

    answer = program.call("patch", f"work-orders/{order}/tasks/{task['id']}/correction/", {"corrected_value": value})

    assert (answer.status_code, answer.json()["id"]) == (200, task["id"])
    state = answer.json()["state"]
    assert (state["analyzed_value"], state["corrected_value"], state["message"]) == (True, False, "Seal missing")
    assert state_of(program.order(order), "seal_present") == state
    assert (WorkItem.objects.get().status, WorkItem.objects.get().score) == ("analysis_ko", 50)
    other = program.call("patch", f"work-orders/{order}/tasks/{task['id']}/correction/", {"corrected_value": True})
    assert (other.status_code, other.json()["detail"]) == (
        409,
        "This task was corrected already; a correction is final.",
    )


def test_a52_a_task_that_was_never_analysed_is_not_corrected(program: Program) -> None:
    order = program.create()
    task = program.order(order)["tasks"][0]["id"]

    answer = program.call("patch", f"work-orders/{order}/tasks/{task}/correction/", {"corrected_value": True})

    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)
    assert state_of(program.order(order), "seal_present")["corrected_value"] is None


@pytest.mark.parametrize("value", ["perhaps", 1, None, [], {}, "x" * 5000])
def test_a_correction_of_the_wrong_type_is_refused(program: Program, engine: Said, value: Any) -> None:
    order = program.create()
    task = program.analyze(order).json()["tasks"][0]["id"]

    answer = program.call("patch", f"work-orders/{order}/tasks/{task}/correction/", {"corrected_value": value})

    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)
    assert state_of(program.order(order), "seal_present")["corrected_value"] is None


def test_a_photo_that_cannot_be_used_is_told_with_its_messages(
    program: Program, engine: Said, conformity: Said
) -> None:
    TaskGroup.objects.update(checks={"blur": {}})
    conformity.verdict = Verdict(messages=[Message("error", "BLUR", "The photo is blurry")])
    order = program.create()

    told = program.analyze(order).json()

    assert told["conformity_messages"] == [{"severity": "error", "code": "BLUR", "message": "The photo is blurry"}]
    assert {task["state"]["analyzed_value"] for task in told["tasks"]} == {None}
    assert program.order(order)["inputs"][0]["conformity_messages"] == told["conformity_messages"]
    assert engine.seen == []


def test_a_second_photo_of_a_type_is_a_retake_and_decides(program: Program, engine: Said) -> None:
    order = program.create()
    engine.values(seal_present=False, clean=True)
    program.analyze(order)
    engine.values(seal_present=True, clean=True)

    program.analyze(order)

    assert state_of(program.order(order), "seal_present")["analyzed_value"] is True
    assert (WorkItem.objects.get().status, Input.objects.count()) == ("analysis_ok", 2)


def test_a_photo_of_the_connector_is_in_the_same_order(program: Program, engine: Said) -> None:
    order = program.create()
    phone = Phone(make_token(Site.objects.get())[1])
    phone.open(query=f"work_order_id={order}&task_group_name=meter_back")
    taken = phone.take()
    phone.analyse()

    program.analyze(order)

    told = program.order(order)
    assert [each["context"] for each in told["inputs"]] == ["meter_back", "meter_front"]
    assert (told["inputs"][0]["id"], told["progress_score"]) == (taken, 100)


def test_a_photo_that_a_person_has_to_look_at_is_answered_at_once(program: Program) -> None:
    TaskGroup.objects.update(engine="REVIEW")
    order = program.create()

    answer = program.analyze(order)

    assert answer.status_code == 200
    assert {task["state"]["analyzed_value"] for task in answer.json()["tasks"]} == {None}
    assert Analysis.objects.get().state == "REVIEW"


def test_an_engine_that_fails_is_told_and_the_photo_is_kept(program: Program, engine: Said) -> None:
    engine.raises = [EngineFailed("It is broken.")]
    order = program.create()

    answer = program.analyze(order)

    kept = Input.objects.get()
    assert (answer.status_code, str(kept.uuid) in answer.json()["detail"]) == (502, True)


def test_a_slow_analysis_goes_on_and_its_caller_is_told_not_to_send_again(
    program: Program, engine: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, drained = program.create(), waiting.pause
    monkeypatch.setattr(waiting, "pause", lambda _seconds: None)
    monkeypatch.setattr(waiting, "SECONDS", 0.0)

    answer = program.analyze(order)

    assert (answer.status_code, "do not send the photo again" in answer.json()["detail"]) == (504, True)
    drained(0)
    assert state_of(program.order(order), "seal_present")["analyzed_value"] is True


def test_more_callers_than_may_wait_are_sent_away_before_anything_is_kept(program: Program, engine: Said) -> None:
    order = program.create()
    for _ in range(waiting.MOST):
        waiting._places.acquire()
    try:
        answer = program.analyze(order)
    finally:
        for _ in range(waiting.MOST):
            waiting._places.release()

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not Input.objects.exists()
    assert program.analyze(order).status_code == 200


def test_a_pdf_is_taken_where_the_task_group_takes_one(program: Program) -> None:
    TaskGroup.objects.update(engine="REVIEW")
    TaskGroup.objects.filter(name="meter_back").update(allow_pdf=True)
    order, value = program.create(), uri(PDF, head="data:application/pdf;base64,")

    refused, taken = (program.analyze(order, photo(value, context=name)) for name in ("meter_front", "meter_back"))

    assert (refused.status_code, taken.status_code) == (415, 200)
    (kept,) = program.order(order)["inputs"]
    assert (kept["context"], "/field/documents/" in kept["url"]) == ("meter_back", True)


def test_a_closed_order_takes_nothing(program: Program, engine: Said) -> None:
    order = program.create()
    task = program.analyze(order).json()["tasks"][0]["id"]
    FieldOrder.objects.update(reviewed_at=timezone.now())

    answers = [
        program.analyze(order),
        program.call("patch", f"work-orders/{order}/", {"name": "JOB-9"}),
        program.call("patch", f"work-orders/{order}/tasks/{task}/correction/", {"corrected_value": False}),
    ]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert Input.objects.count() == 1
    assert program.order(order)["name"] == "JOB-1042"
