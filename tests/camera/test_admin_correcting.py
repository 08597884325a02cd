"""Verdicts that the office corrects: by whom, once, and what follows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.camera.models import FieldOrder, Input, OutcomeType, Task, TaskOutcome, WorkItem
from integrations.events.models import Event
from integrations.workorders.models import WorkOrder
from tests.camera.test_admin_visits import make_visit, page
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
FINAL = {"final": "on"}


@pytest.fixture
def outcome() -> TaskOutcome:
    """An outcome of the last analysis that nobody has corrected: the engine said yes."""
    make_visit()
    return TaskOutcome.objects.get(task__name="clean")


def correct(client: Client, outcome: TaskOutcome, **values: Any) -> Any:
    return client.post(reverse("admin:camera_workitem_correct", args=[outcome.pk]), values, follow=True)


def test_a_correction_counts_is_shown_with_its_author_and_is_published(outcome: TaskOutcome) -> None:
    client = signed_in("Operator", name="kim")

    answer = correct(client, outcome, value="no", **FINAL)

    outcome.refresh_from_db()
    event = Event.objects.get(type="camera.item.corrected")
    assert (outcome.corrected_value, outcome.corrected_by) == (False, "kim")
    assert (event.payload["task"], event.payload["value"]) == ("clean", False)
    assert "corrected from “yes” by kim" in answer.content.decode()
    assert "is no for good" in answer.content.decode()


def test_it_says_that_it_is_final_and_does_nothing_until_that_is_accepted(outcome: TaskOutcome) -> None:
    client = signed_in("Operator")
    asked = client.get(reverse("admin:camera_workitem_correct", args=[outcome.pk])).content.decode()

    correct(client, outcome, value="no")

    outcome.refresh_from_db()
    assert "It is final: nobody can change it afterwards." in asked
    assert outcome.corrected_at is None
    assert not Event.objects.exists()


def test_a_second_correction_is_refused_with_a_sentence(outcome: TaskOutcome) -> None:
    client = signed_in("Operator")
    correct(client, outcome, value="no", **FINAL)

    answer = correct(client, outcome, value="yes", **FINAL)

    outcome.refresh_from_db()
    assert "a correction is final" in answer.content.decode()
    assert outcome.corrected_value is False
    assert Event.objects.filter(type="camera.item.corrected").count() == 1


def test_a_viewer_sees_no_button_and_may_not(outcome: TaskOutcome) -> None:
    client = signed_in("Viewer")
    item = WorkItem.objects.get()

    answer = correct(client, outcome, value="no", **FINAL)

    outcome.refresh_from_db()
    assert answer.status_code == 403
    assert outcome.corrected_at is None
    assert reverse("admin:camera_workitem_correct", args=[outcome.pk]) not in page(client, "workitem", item.pk)
    assert reverse("admin:camera_workitem_correct", args=[outcome.pk]) in page(
        signed_in("Operator"), "workitem", item.pk
    )


@pytest.mark.parametrize(
    ("type", "given", "kept"),
    [
        (OutcomeType.NUMBER, "12.5", 12.5),
        (OutcomeType.TEXT, "<b>AB-12", "<b>AB-12"),
    ],
)
def test_a_value_has_the_type_of_its_task(type: str, given: str, kept: object, outcome: TaskOutcome) -> None:
    Task.objects.filter(pk=outcome.task_id).update(outcome_type=type)

    answer = correct(signed_in("Operator"), outcome, value=given, **FINAL)

    outcome.refresh_from_db()
    assert outcome.corrected_value == kept
    assert "<b>AB" not in answer.content.decode()


@pytest.mark.parametrize("given", ["", "twelve", "nan", "yes"])
def test_a_number_that_is_none_is_refused(given: str, outcome: TaskOutcome) -> None:
    Task.objects.filter(pk=outcome.task_id).update(outcome_type=OutcomeType.NUMBER)

    answer = correct(signed_in("Operator"), outcome, value=given, **FINAL)

    outcome.refresh_from_db()
    assert answer.status_code == 200
    assert outcome.corrected_at is None
    assert not Event.objects.exists()


def test_only_the_last_verdict_of_a_photo_is_offered(outcome: TaskOutcome) -> None:
    photo = Input.objects.get()
    again = photo.analyses.create(engine="CODE", state="DONE")
    newer = TaskOutcome.objects.create(analysis=again, task=outcome.task, analyzed_value=True)

    shown = page(signed_in("Operator"), "workitem", photo.item_id)

    assert reverse("admin:camera_workitem_correct", args=[newer.pk]) in shown
    assert reverse("admin:camera_workitem_correct", args=[outcome.pk]) not in shown


def test_what_is_not_there_is_not_found() -> None:
    assert signed_in("Operator").get("/admin/camera/workitem/correct/999/").status_code == 404


def test_the_page_of_the_work_order_shows_its_photos_with_verdicts_and_who_corrected(outcome: TaskOutcome) -> None:
    order = FieldOrder.objects.get()
    known = WorkOrder.objects.create(workspace=order.site.workspace, title="Meter")
    other = WorkOrder.objects.create(workspace=order.site.workspace, title="Another")
    FieldOrder.objects.update(subject=known.subject)
    client = signed_in("Viewer")

    shown, empty = (
        client.get(reverse("admin:workorders_workorder_change", args=[each.pk])).content.decode()
        for each in (known, other)
    )

    assert "Photo 1 of meter_front" in shown
    assert "corrected from “yes” by olga" in shown
    assert "Score 50" in shown
    assert "Photo 1 of meter_front" not in empty
