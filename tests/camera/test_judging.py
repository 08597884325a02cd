"""From a photo to its verdict, and what the field app is told of it: cases of the vendor sheet by number."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.camera import jobs
from integrations.camera.engines import contract
from integrations.camera.engines.contract import EngineFailed, Message, Outcome, Verdict
from integrations.camera.models import (
    Analysis,
    AnalysisRun,
    AnalysisState,
    Callback,
    FieldOrder,
    Input,
    Issue,
    TaskGroup,
    TaskOutcome,
    Visit,
    WorkItem,
)
from integrations.camera.services import analysing, deciding, leaving
from integrations.core import clock
from integrations.core.errors import Paused, TransientError
from integrations.core.work import LeaseLost
from integrations.events.models import Event
from tests.camera.conftest import Said
from tests.camera.making import RULES, make_task, make_token, picture
from tests.camera.phone import Phone

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front"
BLURRED = Message("error", "BLUR", "The photo is blurred")
DARK = Message("warning", "DARK", "The photo is dark")


@pytest.fixture
def phone(engine: Said) -> Phone:
    made = Phone(make_token()[1])
    made.open(query=FRONT)
    return made


def events(type: str) -> list[dict[str, Any]]:
    return [event.payload for event in Event.objects.filter(type=type).order_by("pk")]


def test_a31_a_mandatory_task_that_is_not_validated_is_ko(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=False, clean=True)
    photo = phone.take()
    phone.analyse()

    told = phone.told()

    assert (told["status"], told["work_item_score"], told["input_id"]) == ("analysis_ko", "50", photo)


def test_a32_another_task_does_not_matter_for_the_status(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=True, clean=False)
    phone.take()
    phone.analyse()

    told = phone.told()

    assert (told["status"], told["work_item_score"]) == ("analysis_ok", "50")


def test_a44_a_score_of_zero_is_told(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=False, clean=None)
    phone.take()
    phone.analyse()

    assert phone.told()["work_item_score"] == "0"
    assert Callback.objects.get().score == 0


def checked(phone: Phone, conformity: Said, *messages: Message) -> None:
    """Let the group have checks, which find these."""
    TaskGroup.objects.update(checks={"blur": {"severity": "error"}})
    conformity.verdict = Verdict(messages=messages, measures={"blur": 12.5}, fingerprint="00ff")
    phone.take()
    phone.analyse()


def test_a33_a34_a_photo_that_cannot_be_used_is_told_with_its_messages(
    phone: Phone, engine: Said, conformity: Said
) -> None:
    checked(phone, conformity, BLURRED, DARK)

    told = phone.told("back")

    assert told["status"] == "conformity_error"
    assert told["conformity_messages"] == "error::BLUR::The photo is blurred,warning::DARK::The photo is dark"
    assert "work_item_score" not in told
    assert engine.seen == [], "the tasks of an unusable photo are not looked at"
    assert Input.objects.get().measures == {"blur": 12.5}
    assert Input.objects.get().fingerprint == "00ff"
    shown = phone.now()["items"][0]["photos"][0]
    assert (shown["state"], [each["severity"] for each in shown["messages"]]) == ("refused", ["error", "warning"])


def test_a35_a_retake_that_is_cancelled_leaves_the_problem(phone: Phone, conformity: Said) -> None:
    checked(phone, conformity, BLURRED)

    assert phone.told("camera_cancelled")["status"] == "conformity_error"


def test_a36_a39_the_last_photo_decides(phone: Phone, engine: Said, conformity: Said) -> None:
    checked(phone, conformity, BLURRED)
    conformity.verdict = Verdict()
    engine.values(seal_present=False, clean=False)
    phone.take(picture("blue"))
    phone.analyse()
    engine.values(seal_present=True, clean=True)

    last = phone.take(picture("green"))
    phone.analyse()

    told = phone.told()
    assert (told["status"], told["input_id"]) == ("analysis_ok", last)
    assert "conformity_messages" not in told


def test_a37_a_warning_lets_the_user_go_on(phone: Phone, conformity: Said) -> None:
    checked(phone, conformity, DARK)

    assert phone.now()["items"][0]["photos"][0]["state"] == "done"
    assert phone.told("done", wentOn=True)["status"] == "analysis_ok"
    assert phone.told("back")["status"] == "conformity_error"


def test_a40_a41_the_analysis_view_tells_a_status_after_a_correction_only(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=False, clean=True)
    photo = phone.take()
    phone.analyse()
    phone.open(f"/field/connector/input/{photo}", "state=S")

    before = phone.told()
    corrected = phone.correct(photo, "seal_present", True)
    after = phone.told()

    assert {"status", "work_item_score"} & before.keys() == set()
    assert (before["state"], before["input_id"]) == ("S", photo)
    assert corrected.json()["tasks"][0] | {"uuid": ""} == {
        "uuid": "",
        "name": "seal_present",
        "sentence": "Is seal_present so?",
        "type": "Boolean",
        "value": True,
        "corrected": True,
        "validated": True,
        "text": "Seal present",
        "color": "#00aa66",
        "mandatory": True,
    }
    assert (after["status"], after["work_item_score"]) == ("analysis_ok", "100")
    assert WorkItem.objects.get().score == 100
    assert TaskOutcome.objects.get(task__name="seal_present").analyzed_value is False
    assert events("camera.item.corrected")[0]["task"] == "seal_present"


def test_a42_a43_before_the_analysis_only_the_photo_is_told(engine: Said) -> None:
    phone = Phone(make_token(flow="before_analysis")[1])
    phone.open(query=FRONT)
    photo = phone.take()

    told = phone.told()
    phone.analyse()
    phone.open(f"/field/connector/input/{photo}")

    assert told["input_id"] == photo
    assert {"status", "work_item_score"} & told.keys() == set()
    assert phone.state["items"][0]["photos"][0]["status"] == "analysis_ok"


def test_leaving_while_the_analysis_runs_tells_the_photo(phone: Phone) -> None:
    photo = phone.take()

    told = phone.told("later")

    assert told["input_id"] == photo
    assert "status" not in told


def test_leaving_with_a_photo_on_its_way_tells_no_status(phone: Phone) -> None:
    whole = picture()
    phone.put(whole[:500], whole=whole)

    assert {"status", "input_id"} & phone.told("cancel").keys() == set()


def test_leaving_with_a_photo_that_only_the_phone_has(phone: Phone) -> None:
    assert "status" not in phone.told("cancel", waiting=True)


def test_the_same_way_back_is_one_row_and_the_visit_is_over(phone: Phone) -> None:
    phone.leave("cancel")
    phone.leave("cancel")

    assert Callback.objects.count() == 1
    assert Visit.objects.get().left_at is not None


def test_an_unknown_reason_to_leave_is_refused(phone: Phone) -> None:
    assert phone.post(f"{phone.url}leave", {"reason": "boredom"}).status_code == 400
    assert not Callback.objects.exists()


def test_texts_are_in_the_language_of_the_visit(engine: Said) -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT, language="fr-FR")
    photo = phone.take()
    phone.analyse()

    shown = phone.photo(photo)["tasks"][0]

    assert phone.state["groups"]["meter_front"]["displayName"] == "Le meter_front"
    assert (shown["sentence"], shown["text"]) == ("seal_present ?", "Scellé présent")


def test_tasks_of_the_dashboard_are_not_shown_and_do_not_decide(phone: Phone, engine: Said) -> None:
    make_task(TaskGroup.objects.get(name="meter_front"), "hidden", only_for_dashboard=True, conformity_status=False)
    photo = phone.take()
    phone.analyse()

    assert "hidden" not in [each["name"] for each in phone.photo(photo)["tasks"]]
    assert phone.photo(photo)["status"] == "analysis_ok"


def test_progress_counts_the_photos_that_are_missing(phone: Phone) -> None:
    phone.take()
    phone.analyse()

    assert FieldOrder.objects.get().progress_score == 67


def test_a_verdict_is_published_once(phone: Phone) -> None:
    photo = phone.take()
    phone.analyse()
    phone.analyse()

    (told,) = events("camera.analysis.finished")
    assert {name: told[name] for name in ("input", "state", "status", "score")} == {
        "input": photo,
        "state": "done",
        "status": "analysis_ok",
        "score": 100,
    }


def test_without_its_engine_a_person_decides(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(contract._factories, "SIMILAR")
    TaskGroup.objects.update(engine="SIMILAR")
    photo = phone.take()
    phone.analyse()

    assert phone.photo(photo)["state"] == "review"
    assert "not installed" in Analysis.objects.get().note
    assert events("camera.analysis.finished") == []


def test_a_review_decides(phone: Phone) -> None:
    TaskGroup.objects.update(engine="REVIEW")
    photo = phone.take()
    phone.analyse()
    analysis = Analysis.objects.get()

    with pytest.raises(deciding.WrongType, match="seal_present"):
        deciding.review(analysis, {"seal_present": "maybe"}, by="kim", now=timezone.now())
    deciding.review(analysis, {"seal_present": True, "clean": False}, by="kim", now=timezone.now())

    assert (phone.photo(photo)["status"], phone.photo(photo)["score"]) == ("analysis_ok", 50)
    assert events("camera.analysis.finished")[0]["status"] == "analysis_ok"
    with pytest.raises(deciding.NotInReview):
        deciding.review(analysis, {}, by="lee", now=timezone.now())


def test_a_review_refuses_a_photo(phone: Phone) -> None:
    TaskGroup.objects.update(engine="REVIEW")
    phone.take()
    phone.analyse()

    deciding.refuse(Analysis.objects.get(), [BLURRED], by="kim", now=timezone.now())

    assert phone.told("back")["status"] == "conformity_error"
    assert WorkItem.objects.get().status == ""


@pytest.mark.parametrize(
    ("task", "value", "code"),
    [
        ("seal_present", "maybe", "wrong_type"),
        ("seal_present", None, "wrong_type"),
        ("no_such_task", True, "not_found"),
        ("closed", True, "not_found"),
    ],
)
def test_a_correction_has_to_fit(phone: Phone, task: str, value: Any, code: str) -> None:
    photo = phone.take()
    phone.analyse()

    assert phone.correct(photo, task, value).json()["code"] == code
    assert not TaskOutcome.objects.filter(corrected_at__isnull=False).exists()


def test_a52_what_was_never_analysed_is_not_corrected(phone: Phone) -> None:
    photo = phone.take()

    assert phone.correct(photo, "seal_present", True).json()["code"] == "not_analysed"


def test_a_correction_is_final_and_the_same_one_again_is_fine(phone: Phone) -> None:
    photo = phone.take()
    phone.analyse()

    answers = [phone.correct(photo, "seal_present", value) for value in (False, False, "false", True)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert answers[-1].json()["code"] == "already_corrected"
    assert len(events("camera.item.corrected")) == 1
    assert WorkItem.objects.get().status == "analysis_ko"


def test_a_group_may_forbid_corrections(phone: Phone) -> None:
    TaskGroup.objects.update(may_correct=False)
    photo = phone.take()
    phone.analyse()

    assert phone.correct(photo, "seal_present", False).json()["code"] == "may_not_correct"


def test_an_engine_that_fails_keeps_the_photo_and_may_try_again(phone: Phone, engine: Said) -> None:
    engine.raises = [EngineFailed("The model has no such task.")]
    photo = phone.take()
    phone.analyse()
    failed = phone.photo(photo)
    told = phone.told()

    again = phone.post(f"{phone.url}inputs/{photo}/analyses", {})
    phone.analyse()

    assert (failed["state"], Analysis.objects.first().note) == ("failed", "The model has no such task.")  # type: ignore[union-attr]
    assert told["input_id"] == photo
    assert "status" not in told
    assert again.status_code == 201
    assert phone.photo(photo)["state"] == "done"
    assert phone.post(f"{phone.url}inputs/{photo}/analyses", {}).json()["code"] == "not_failed"


def test_a_value_of_the_wrong_type_is_the_engines_fault(phone: Phone, engine: Said) -> None:
    engine.verdict = Verdict(outcomes=[Outcome("seal_present", "yes")])
    photo = phone.take()
    phone.analyse()

    assert phone.photo(photo)["state"] == "failed"
    assert "seal_present" in Analysis.objects.get().note
    assert not TaskOutcome.objects.exists()


def test_what_may_pass_is_tried_again(phone: Phone, engine: Said) -> None:
    engine.raises = [TransientError("503"), Paused("paused")]
    photo = phone.take()
    phone.analyse()
    assert phone.photo(photo)["state"] == "analysing"
    AnalysisRun.objects.update(due_at=clock.now() - timedelta(seconds=1))
    phone.analyse()
    AnalysisRun.objects.update(due_at=clock.now() - timedelta(seconds=1))

    phone.analyse()

    assert phone.photo(photo)["state"] == "done"


def test_an_error_inside_fails_the_analysis_and_not_the_worker(phone: Phone, engine: Said) -> None:
    engine.raises = [ZeroDivisionError("secret detail")]
    photo = phone.take()

    phone.analyse()

    assert phone.photo(photo)["state"] == "failed"
    assert "ZeroDivisionError" in Analysis.objects.get().note
    assert "secret" not in phone.photo(photo)["note"]


def test_a_worker_that_lost_its_work_writes_nothing(phone: Phone) -> None:
    phone.take()
    (claim,) = AnalysisRun.objects.claim_due(now=clock.now())
    AnalysisRun.objects.update(claim_token=None)

    with pytest.raises(LeaseLost):
        jobs.run_analysis(claim)

    assert Analysis.objects.get().state == AnalysisState.RUNNING
    assert not TaskOutcome.objects.exists()


def test_the_engine_is_given_the_photo_the_tasks_and_the_order(phone: Phone, engine: Said) -> None:
    phone.take()
    phone.analyse()

    ((photo, group),) = engine.seen
    assert (photo.width, photo.height, photo.content_type) == (320, 320, "image/jpeg")
    assert photo.link.startswith("http")
    assert photo.order.name == FieldOrder.objects.get().name
    assert [task.name for task in group.tasks] == ["seal_present", "clean"]
    assert list(group.tasks[0].rules) == RULES
    photo.order.keep_id("vendor-7")
    assert FieldOrder.objects.get().external_id == "vendor-7"


def test_the_duplicate_check_knows_the_other_photos_of_the_site(phone: Phone, engine: Said) -> None:
    engine.verdict = Verdict(fingerprint="0a")
    first = phone.take()
    phone.analyse()
    phone.open(query=FRONT)
    phone.take(picture("blue"))
    phone.analyse()

    (earlier,) = engine.seen[-1][0].earlier()
    assert (earlier.fingerprint, earlier.input_uuid, earlier.same_order) == ("0a", first, False)


def test_analyse_again_by_the_admin_replaces_the_verdict(phone: Phone, engine: Said) -> None:
    phone.take()
    phone.analyse()
    engine.values(seal_present=False, clean=False)

    analysing.analyse_again(Input.objects.get(), now=timezone.now(), anyway=True)
    phone.analyse()

    assert WorkItem.objects.get().status == "analysis_ko"
    assert Analysis.objects.count() == 2


def test_an_issue_is_reported_once(phone: Phone) -> None:
    url = f"{phone.url}items/{phone.item}/issues"
    body = {"category": "equipment", "text": "The door is\x00 stuck", "key": "issue-0001"}

    answers = [phone.post(url, body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Issue.objects.get().text == "The door is\ufffd stuck"
    assert events("camera.issue.reported")[0]["category"] == "equipment"
    assert len(events("camera.issue.reported")) == 1
    assert phone.post(url, body | {"category": "weather"}).status_code == 400


def test_visits_whose_user_never_left_are_noted_when_their_time_is_over(phone: Phone) -> None:
    other = Phone(phone.token)
    other.open(query=FRONT)
    other.leave("cancel")
    Visit.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    counted = [leaving.abandon_due(10) for _ in range(2)]

    assert counted == [1, 0]
    assert events("camera.visit.abandoned")[0]["visit"] == phone.state["visit"]["uuid"]
    assert len(events("camera.visit.abandoned")) == 1
