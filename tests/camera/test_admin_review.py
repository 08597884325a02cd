"""The queue of manual review: conform, not conform, as chosen, another photo, next."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.camera.models import Analysis, AnalysisState, Input
from tests.camera.test_admin_visits import make_visit
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
REVIEW = "/admin/camera/analysis/review/"


def make_waiting(**values: Any) -> Analysis:
    item = make_visit().item
    assert item is not None
    photo = Input.objects.create(item=item, number=2, content_type="image/jpeg", sha256="1" * 64, bytes=1)
    return Analysis.objects.create(**{"input": photo, "engine": "REVIEW", "state": AnalysisState.REVIEW} | values)


def decide(client: Client, analysis: Analysis, decision: str, **values: Any) -> Any:
    return client.post(REVIEW, {"analysis": analysis.pk, "decision": decision} | values, follow=True)


@pytest.mark.parametrize(
    ("decision", "value", "status"), [("conform", True, "analysis_ok"), ("not_conform", False, "analysis_ko")]
)
def test_one_press_decides_each_task_by_its_rules(decision: str, value: bool, status: str) -> None:
    analysis = make_waiting()
    client = signed_in("Operator")

    answer = decide(client, analysis, decision)

    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.DONE
    assert {outcome.analyzed_value for outcome in analysis.outcomes.all()} == {value}
    analysis.input.item.refresh_from_db()
    assert analysis.input.item.status == status
    assert "Nothing waits for a person." in answer.content.decode()


def test_as_chosen_needs_an_answer_for_each_task() -> None:
    analysis = make_waiting()
    client = signed_in("Operator")
    tasks = {task.name: f"task-{task.pk}" for task in analysis.input.item.group.tasks.all()}

    asked = decide(client, analysis, "chosen", **{tasks["clean"]: "yes"})
    decide(client, analysis, "chosen", **{tasks["clean"]: "yes", tasks["seal_present"]: "no"})

    assert "Choose yes or no for “seal_present”" in asked.content.decode()
    analysis.refresh_from_db()
    assert {each.task.name: each.analyzed_value for each in analysis.outcomes.all()} == {
        "clean": True,
        "seal_present": False,
    }


def test_another_photo_is_asked_for_with_the_reason() -> None:
    analysis = make_waiting()

    decide(signed_in("Operator"), analysis, "refuse", reason="The door is closed.")

    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.REFUSED
    assert analysis.conformity_messages == [{"severity": "error", "code": "REVIEWER", "message": "The door is closed."}]


def test_what_somebody_else_has_decided_stays_decided() -> None:
    analysis = make_waiting()
    client = signed_in("Operator")
    decide(client, analysis, "conform")

    answer = decide(client, analysis, "not_conform")

    assert "somebody else has decided" in answer.content.decode()
    assert {outcome.analyzed_value for outcome in analysis.outcomes.all()} == {True}


def test_next_goes_past_a_photo_and_comes_to_an_end() -> None:
    first, second = make_waiting(), make_waiting()
    client = signed_in("Operator")

    shown = [client.get(REVIEW, {"after": after}).context["analysis"] for after in ("", first.pk, second.pk, "x")]

    assert shown == [first, second, None, first]


def test_a_viewer_may_not_decide() -> None:
    analysis = make_waiting()
    client = signed_in("Viewer")

    assert [client.get(REVIEW).status_code, decide(client, analysis, "conform").status_code] == [403, 403]
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.REVIEW


def test_analyses_are_listed_with_the_way_to_the_queue() -> None:
    analysis = make_waiting()
    client = signed_in("Operator")

    answer = client.get(reverse("admin:camera_analysis_changelist"), {"state__exact": "REVIEW"})

    assert answer.context["cl"].result_list == [analysis]
    assert REVIEW in answer.content.decode()
    assert client.get(reverse("admin:camera_analysis_change", args=[analysis.pk])).status_code == 200
