"""Batches in the admin: how far each is, what was not taken and why, which orders came of it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.camera.models import Batch, BatchRun, BatchState, FieldOrder
from integrations.core.work import WorkState
from tests.camera.making import make_site
from tests.camera.rest.program import Program, make_key
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:camera_batchrun_changelist")
REFUSED = "JOB-2/meter_back.jpg: <b>It is not a picture.</b>"


@pytest.fixture
def run() -> BatchRun:
    key, value = make_key(make_site())
    uuid = Program(value).create()
    batch = Batch.objects.create(
        key=key,
        filename="monday.zip",
        state=BatchState.DONE,
        size=2048,
        received=2048,
        photos=3,
        taken=3,
        orders=[{"name": "JOB-1", "id": uuid}, {"name": "JOB-2", "id": "00000000-0000-4000-8000-000000000000"}],
        problems=[REFUSED],
    )
    return BatchRun.objects.create(batch=batch, state=WorkState.DONE, note=REFUSED)


def test_a_batch_says_how_far_it_is_and_what_was_not_taken(run: BatchRun, admin_client: Client) -> None:
    listed = admin_client.get(LIST).content.decode()
    page = admin_client.get(reverse("admin:camera_batchrun_change", args=[run.pk])).content.decode()

    assert "monday.zip" in listed
    assert "3 of 3" in listed
    assert "<h1>monday.zip" in page
    assert "<li>JOB-2/meter_back.jpg: &lt;b&gt;It is not a picture.&lt;/b&gt;</li>" in page
    order = reverse("admin:camera_fieldorder_change", args=[FieldOrder.objects.get().pk])
    assert f'<li><a href="{order}">JOB-1</a></li><li>JOB-2</li>' in page  # the second was deleted meanwhile


def test_an_ended_batch_is_not_run_again_since_its_file_is_gone(run: BatchRun, admin_client: Client) -> None:
    url = reverse("admin:camera_batchrun_do", args=[run.pk, "retry_one"])

    answer = admin_client.post(url)
    admin_client.post(LIST, {"action": "retry", "_selected_action": [run.pk]})

    run.refresh_from_db()
    assert (answer.status_code, run.state, run.batch.state) == (404, WorkState.DONE, BatchState.DONE)


def test_operators_look_at_batches_and_others_do_not(run: BatchRun, client: Client) -> None:
    assert signed_in("Operator").get(LIST).status_code == 200

    client.force_login(User.objects.create_user("eva", is_staff=True))
    assert client.get(LIST).status_code == 403
