"""Real threads: double taps, pieces sent twice at once, corrections while a verdict is stored."""

from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from integrations.camera.models import (
    Analysis,
    AnalysisRun,
    Callback,
    FieldOrder,
    Input,
    TaskGroup,
    Upload,
    Visit,
    WorkItem,
)
from integrations.camera.services import deciding
from integrations.events.models import Event
from integrations.workorders import services as workorders
from integrations.workorders.models import Join, Photo
from tests.camera.conftest import Said
from tests.camera.making import make_system, make_token, picture
from tests.camera.phone import Phone
from tests.workorders.making import make_order
from tests.workorders.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
FRONT = "task_group_name=meter_front"
TIMES = 6


def same_browser(phone: Phone) -> Phone:
    """Another request of the same browser: a client of its own, the same cookie."""
    client = Client()
    client.cookies = phone.client.cookies
    return Phone(phone.token, client, phone.state)


def test_a_double_tap_makes_one_order_and_one_item() -> None:
    token = make_token()[1]
    phones = [Phone(token) for _ in range(TIMES)]

    answers = at_once(*[partial(phone.open, query=FRONT, key="one-and-the-same") for phone in phones])

    assert sorted(answer.status_code for answer in answers) == [200] * (TIMES - 1) + [201]
    assert len({answer.json()["visit"]["uuid"] for answer in answers}) == 1
    assert len({answer.cookies["fp_visit"].value for answer in answers}) == 1
    assert FieldOrder.objects.count() == WorkItem.objects.count() == Visit.objects.count() == 1


def test_the_same_photo_sent_at_once_is_one_input() -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)

    answers = at_once(*[partial(same_browser(phone).put, picture()) for _ in range(TIMES)])
    final = phone.put(picture())

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert final.status_code == 201
    assert Input.objects.count() == Photo.objects.count() == AnalysisRun.objects.count() == 1
    assert Event.objects.filter(type="camera.input.received").count() == 1
    assert Visit.objects.get().photos == 1


def test_photos_of_one_item_sent_at_once_are_numbered() -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)

    at_once(*[partial(same_browser(phone).put, picture(), key=f"photo-{number:04}") for number in range(TIMES)])

    assert sorted(Input.objects.values_list("number", flat=True)) == list(range(1, TIMES + 1))
    assert not Upload.objects.exists()


@pytest.mark.postgres
def test_a_review_decides_once_and_a_correction_waits_for_it(engine: Said) -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)
    TaskGroup.objects.update(engine="REVIEW")
    photo = phone.take()
    phone.analyse()
    analysis = Analysis.objects.get()
    values = {"seal_present": False, "clean": True}

    decided = at_once(
        *[partial(deciding.review, analysis, values, by=f"user {n}", now=timezone.now()) for n in range(TIMES)]
    )
    corrected = at_once(*[partial(same_browser(phone).correct, photo, "seal_present", True) for _ in range(TIMES)])

    assert sum(isinstance(each, deciding.NotInReview) for each in decided) == TIMES - 1
    assert {answer.status_code for answer in corrected} == {200}
    assert Event.objects.filter(type="camera.analysis.finished").count() == 1
    assert Event.objects.filter(type="camera.item.corrected").count() == 1
    assert WorkItem.objects.get().score == 100


@pytest.mark.postgres
def test_a_verdict_and_an_operators_choice_at_once_both_reach_the_record(engine: Said) -> None:
    """Whoever is second finds what the first one left: the verdict is published with the record, once at least."""
    system = make_system()
    for number in range(5):
        phone = Phone(make_token()[1])
        phone.open(query=FRONT)
        phone.take()
        join, order = Join.objects.unmatched().get(), make_order(f"WO-{number}", system=system)

        results = at_once(phone.analyse, partial(workorders.assign, join, order, by="kim", now=timezone.now()))

        assert not any(isinstance(each, Exception) for each in results), results
        told = [event.payload["records"] for event in Event.objects.filter(type="camera.analysis.finished")]
        assert {str(system.pk): f"WO-{number}"} in told
        assert Photo.objects.latest("pk").work_order == order


def test_leaving_twice_at_once_is_one_way_back() -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)

    urls = at_once(*[partial(same_browser(phone).leave, "cancel") for _ in range(TIMES)])

    assert len(set(urls)) == 1
    assert Callback.objects.count() == 1
