"""Expected photos over HTTP: what was submitted, what was said of it, and what of them is shown to whom."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.camera.models import Analysis, AnalysisState, FieldOrder, Input, TaskOutcome, WorkItem
from integrations.workorders.models import Photo, WorkOrder
from tests.api.calling import Call, caller
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db


def test_an_item_tells_its_verdict_task_by_task_with_the_correction(call: Call) -> None:
    item = make_everything(1)["item"]

    shown = call("get", f"/api/v1/items/{item.pk}/").json()

    assert (shown["status"], shown["score"], shown["photos"]) == ("analysis_ko", 50, 1)
    assert (shown["item"], shown["order_name"], shown["group"]) == (str(item.uuid), "JOB-1", "meter_front")
    assert (shown["of_order"]["metadata"], shown["of_order"]["version"]) == ({"city": "Lyon"}, 1)
    (analysis,) = shown["inputs"][0]["analyses"]
    assert (analysis["state"], analysis["status"], analysis["score"]) == ("DONE", "analysis_ko", 50)
    assert [each["code"] for each in analysis["messages"]] == ["CLIPPED"]
    tasks = {each["task"]: each for each in analysis["tasks"]}
    assert [(each["value"], each["validated"]) for each in tasks.values()] == [(False, False), (True, True)]
    assert (tasks["seal_present"]["analyzed_value"], tasks["seal_present"]["corrected_by"]) == (True, "olga")
    assert (tasks["seal_present"]["text"], tasks["clean"]["corrected_at"]) == ("Seal missing", None)


def test_an_item_without_a_verdict_says_so_by_null(call: Call) -> None:
    item = make_everything(1)["item"]
    TaskOutcome.objects.all().delete()
    Analysis.objects.update(state=AnalysisState.RUNNING)
    WorkItem.objects.update(status="", score=None)

    shown = call("get", f"/api/v1/items/{item.pk}/").json()

    (analysis,) = shown["inputs"][0]["analyses"]
    assert (shown["status"], shown["score"]) == (None, None)
    assert (analysis["status"], analysis["score"], analysis["tasks"]) == (None, None, [])


def test_photos_and_documents_have_links_that_open_without_a_token(call: Call, client: Client) -> None:
    item = make_everything(1)["item"]
    picture = Photo.objects.get()
    Input.objects.update(photo_id=picture.pk)
    Input.objects.create(
        item=item, number=2, content_type="application/pdf", sha256="1" * 64, bytes=1, document="documents/none.pdf"
    )
    Input.objects.create(item=item, number=3, content_type="image/jpeg", sha256="2" * 64, bytes=1, photo_id=10**9)

    photo, document, gone = call("get", f"/api/v1/items/{item.pk}/").json()["inputs"]

    assert (photo["photo"], document["photo"], gone["photo"]) == (picture.pk, None, None)
    assert photo["link"] == call("get", f"/api/v1/photos/{picture.pk}/").json()["link"]
    assert "/field/documents/" in document["link"]
    assert document["link"].startswith("http")
    assert (document["small_link"], gone["link"], gone["small_link"]) == (None, None, None)


def test_items_are_found_by_work_order_callback_ids_site_and_verdict(call: Call) -> None:
    rows = make_everything(1)
    make_everything(2)
    item = rows["item"]
    by = {
        "work_order": rows["order"].pk,
        "external_id": "WO-000001",
        "item": str(item.uuid),
        "order": str(item.order.uuid),
        "order_name": "JOB-1",
        "site": "field-1",
    }

    found = {name: call("get", "/api/v1/items/", query_params={name: value}) for name, value in by.items()}
    judged = [call("get", f"/api/v1/items/?status={status}") for status in ("analysis_ko", "analysis_ok")]

    assert {name: [row["id"] for row in answer.json()["results"]] for name, answer in found.items()} == {
        name: [item.pk] for name in by
    }
    assert [len(answer.json()["results"]) for answer in judged] == [2, 0]
    assert call("get", "/api/v1/items/?item=JOB-1").json()["errors"].keys() == {"item"}


def test_an_order_that_was_deleted_takes_its_items_out_of_sight(call: Call) -> None:
    item = make_everything(1)["item"]
    FieldOrder.objects.update(deleted_at=timezone.now())

    assert call("get", "/api/v1/items/").json()["results"] == []
    assert call("get", f"/api/v1/items/{item.pk}/").status_code == 404


def test_who_has_an_item_already_is_spared_the_body(call: Call) -> None:
    path = f"/api/v1/items/{make_everything(1)['item'].pk}/"
    tag = call("get", path)["ETag"]

    unchanged = call("get", path, headers={"If-None-Match": tag})
    TaskOutcome.objects.filter(task__name="clean").update(analyzed_value=False)
    changed = call("get", path, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


def test_one_item_is_read_in_as_many_queries_with_one_photo_as_with_ten(call: Call) -> None:
    item = make_everything(1)["item"]
    path = f"/api/v1/items/{item.pk}/"
    call("get", path)  # notes that the token is used
    with CaptureQueriesContext(connection) as for_one:
        call("get", path)
    for number in range(2, 11):
        sent = Input.objects.create(item=item, number=number, content_type="image/jpeg", sha256="0" * 64, bytes=1)
        Analysis.objects.create(input=sent, engine="CODE", state=AnalysisState.DONE)

    with CaptureQueriesContext(connection) as for_ten:
        inputs = call("get", path).json()["inputs"]

    assert (len(inputs), len(for_ten)) == (10, len(for_one))


def test_a_work_order_leads_to_all_that_belongs_to_it(call: Call, client: Client) -> None:
    order: WorkOrder = make_everything(1)["order"]
    make_everything(2)

    links = call("get", f"/api/v1/work-orders/{order.pk}/").json()["links"]

    assert set(links) == {"calls", "items", "photos", "runs", "sessions", "webhooks", "writes"}
    for name, link in links.items():
        rows = call("get", link).json()["results"]
        assert {row.get("work_order", order.pk) for row in rows} <= {order.pk}, name
    assert len(call("get", links["items"]).json()["results"]) == 1
    assert caller(client, "workorders:read")("get", links["items"]).status_code == 403
