"""Visits, orders and items in the admin."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.camera.models import (
    Analysis,
    AnalysisState,
    Callback,
    FieldOrder,
    Input,
    TaskOutcome,
    Visit,
    WorkItem,
)  # fmt: skip
from tests.camera.making import make_site, make_token
from tests.desk.people import signed_in

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFUSED = "callback host evil.example.com is not allowed"


def make_visit(**values: Any) -> Visit:
    """A visit with an order and one photo that was judged and corrected."""
    site = make_site()
    token, _value = make_token(site)
    group = site.active_version.groups.get(name="meter_front")  # type: ignore[union-attr]
    order = FieldOrder.objects.create(site=site, version=group.version, name="JOB-1", token=token)
    item = WorkItem.objects.create(order=order, group=group, status="analysis_ko", score=50)
    defaults = {"scenario": "CREATE", "idempotency_key": "k" * 8, "expires_at": NOON + timedelta(hours=4)}
    visit = Visit.objects.create(**{"token": token, "order": order, "item": item} | defaults | values)
    photo = Input.objects.create(item=item, number=1, content_type="image/jpeg", sha256="0" * 64, bytes=1)
    analysis = Analysis.objects.create(input=photo, engine="CODE", state=AnalysisState.DONE, finished_at=NOON)
    TaskOutcome.objects.create(analysis=analysis, task=group.tasks.get(name="clean"), analyzed_value=True)
    corrected = {"corrected_value": False, "corrected_by": "olga", "corrected_at": NOON}
    TaskOutcome.objects.create(
        analysis=analysis, task=group.tasks.get(name="seal_present"), analyzed_value=True, **corrected
    )
    return visit


def page(client: Client, name: str, pk: int) -> str:
    answer = client.get(reverse(f"admin:camera_{name}_change", args=[pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_visit_says_how_it_ended_and_where_it_went(admin_client: Client) -> None:
    visit = make_visit(abandoned_at=NOON, technician="r.keller", device="Phone <b>")
    Callback.objects.create(visit=visit, url="https://fsm.example.com/jobs?status=analysis_ko", status="analysis_ko")

    shown = page(admin_client, "visit", visit.pk)

    assert "never came back" in shown
    assert "unverified" in shown
    assert "Phone &lt;b&gt;" in shown
    assert "status=analysis_ko" in shown


@pytest.mark.parametrize(("end", "count"), [("never", 1), ("back", 0), ("open", 0)])
def test_visits_are_filtered_by_their_end(end: str, count: int, admin_client: Client) -> None:
    make_visit(abandoned_at=NOON)

    answer = admin_client.get(reverse("admin:camera_visit_changelist"), {"end": end})

    assert len(answer.context["cl"].result_list) == count


def test_a_refused_callback_is_allowed_by_one_button(admin_client: Client) -> None:
    query = "callback_URI=https%3A%2F%2Fevil.example.com%2Fjobs"
    visit = make_visit(query=query, callback_refused=REFUSED)
    shown = page(admin_client, "visit", visit.pk)

    admin_client.post(reverse("admin:camera_visit_do", args=[visit.pk, "allow"]))

    visit.token.refresh_from_db()
    assert REFUSED in shown
    assert "Allow this callback" in shown
    assert visit.token.callback_targets == ["https://evil.example.com"]
    assert "Allow this callback" not in page(admin_client, "visit", visit.pk)


def test_a_callback_that_no_list_allows_has_no_button(admin_client: Client) -> None:
    visit = make_visit(
        query="callback_URI=javascript:alert(1)", callback_refused="callback scheme javascript: is never"
    )

    assert "Allow this callback" not in page(admin_client, "visit", visit.pk)


def test_an_operator_sees_the_visit_and_may_not_widen_the_list() -> None:
    visit = make_visit(query="callback_URI=https%3A%2F%2Fevil.example.com", callback_refused=REFUSED)
    client = signed_in("Operator")

    answer = client.post(reverse("admin:camera_visit_do", args=[visit.pk, "allow"]))

    visit.token.refresh_from_db()
    assert answer.status_code == 403
    assert visit.token.callback_targets == []
    assert REFUSED in page(client, "visit", visit.pk)


@pytest.mark.parametrize("name", ["fieldorder", "workitem"])
def test_photos_are_shown_with_their_verdicts_and_corrections(name: str) -> None:
    visit = make_visit()
    pk = visit.order_id if name == "fieldorder" else visit.item_id
    assert pk is not None

    shown = page(signed_in("Viewer"), name, pk)

    assert "Photo 1 of meter_front" in shown
    assert "corrected from “yes” by olga" in shown
    assert "Seal missing" in shown
    assert "analysis_ko" in shown


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"score": "high"}, 1),
        ({"score": "full"}, 0),
        ({"status": "analysis_ko"}, 1),
        ({"group": "meter_back"}, 0),
        ({"group": "meter_front", "score": "high", "status": "analysis_ko"}, 1),
        ({"status": "none"}, 0),
    ],
)
@pytest.mark.parametrize("name", ["workitem", "fieldorder"])
def test_items_and_orders_are_filtered_by_score_status_and_task_group(
    name: str, asked: dict[str, str], count: int
) -> None:
    make_visit()

    answer = signed_in("Viewer").get(reverse(f"admin:camera_{name}_changelist"), asked)

    assert len(answer.context["cl"].result_list) == count


@pytest.mark.parametrize("name", ["visit", "fieldorder", "workitem", "catalogueversion", "taskgroup", "connectortoken"])
def test_a_list_needs_as_many_queries_for_five_rows_as_for_one(
    name: str, admin_client: Client, django_assert_num_queries: Any
) -> None:
    url = reverse(f"admin:camera_{name}_changelist")
    make_visit()
    admin_client.get(url)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    for _number in range(4):
        make_visit()

    with django_assert_num_queries(len(one)):
        admin_client.get(url)
