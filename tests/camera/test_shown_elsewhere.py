"""What the rest of the house sees of the camera: contexts, timeline, counters, retention, joins."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.camera import contexts, counters, retention, timeline
from integrations.camera.engines.contract import Message, Verdict
from integrations.camera.models import Analysis, FieldOrder, Input, TaskGroup, Visit, WorkItem
from integrations.connections.models import Connection
from integrations.core import registries
from integrations.core.platforms import context_kind
from integrations.workorders.models import Join, Photo, WorkOrder
from tests.camera.conftest import Said
from tests.camera.making import make_system, make_token
from tests.camera.phone import Phone

pytestmark = pytest.mark.django_db
METADATA = "wo_metadata=eyJ0ZWNoIjoiS2ltIn0"


@pytest.fixture
def phone(engine: Said) -> Phone:
    make_system()
    made = Phone(make_token(technician_metadata_key="tech")[1])
    made.open(query=f"task_group_name=meter_front&work_order_name=WO-7&{METADATA}")
    return made


def subject() -> str:
    return WorkOrder.objects.get().subject


def paths(kind: str) -> set[str]:
    return {field.path for field in context_kind(kind).fields}


def test_an_item_has_all_the_fields_that_it_promises(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=False, clean=True)
    phone.take()
    phone.analyse()

    facts = contexts.load_item(str(WorkItem.objects.get().pk))

    flat = {f"{root}.{name}" for root, inner in facts.items() if isinstance(inner, dict) for name in inner}
    assert paths("camera.item") <= flat
    assert facts["verdict"]["ok"] is False
    assert facts["verdict"]["tasks_text"] == "Is seal_present so? Seal missing\nIs clean so? Seal present"
    assert facts["task"] == {"seal_present": False, "clean": True}
    assert (facts["camera"]["technician"], facts["metadata"]["tech"]) == ("Kim", "Kim")
    assert facts["order"]["external_id"] == "WO-7"
    assert contexts.photo_file(str(WorkItem.objects.get().pk))[1] == "image/jpeg"


def test_an_item_without_a_photo_can_be_read_too(phone: Phone) -> None:
    facts = contexts.load_item(str(WorkItem.objects.get().pk))

    assert (facts["verdict"]["state"], facts["verdict"]["ok"], facts["photo"]) == ("", None, {})


def test_a_refused_photo_has_its_messages(phone: Phone, conformity: Said) -> None:
    TaskGroup.objects.update(checks={"blur": {}})
    conformity.verdict = Verdict(messages=[Message("error", "BLUR", "Blurred")])
    phone.take()
    phone.analyse()

    verdict = contexts.load_item(str(WorkItem.objects.get().pk))["verdict"]

    assert (verdict["status"], verdict["messages_text"]) == ("conformity_error", "Blurred")


def test_an_order_has_all_the_fields_that_it_promises(phone: Phone) -> None:
    facts = contexts.load_order(str(FieldOrder.objects.get().pk))

    flat = {f"{root}.{name}" for root, inner in facts.items() if isinstance(inner, dict) for name in inner}
    assert paths("camera.order") <= flat


def test_the_photo_belongs_to_the_work_order(phone: Phone) -> None:
    phone.take()

    photo = Photo.objects.get()
    assert photo.work_order == WorkOrder.objects.get()
    assert photo.external_id == str(Input.objects.get().uuid)
    assert Join.objects.get().source_type == "camera.order"


def test_the_timeline_tells_the_whole_story(phone: Phone, engine: Said) -> None:
    engine.values(seal_present=False, clean=True)
    photo = phone.take()
    phone.analyse()
    phone.correct(photo, "seal_present", True)
    phone.post(f"{phone.url}items/{phone.item}/issues", {"category": "safety", "text": "Loose cable", "key": "k" * 8})
    phone.leave()

    titles = [entry.title for entry in sorted(timeline.entries(subject()), key=lambda entry: entry.at)]

    token = Visit.objects.get().token
    assert titles == [
        f"visit of Kim (not verified) by {token}: new order and item, meter_front",
        "photo 1, meter_front: done",
        "seal_present corrected: True instead of False",
        "issue reported: safety",
        "sent back: analysis_ok, score 100",
    ]
    assert list(timeline.entries("endpoint/1")) == []
    assert {entry.title for entry in registries.timeline(subject())} > set(titles)


def test_what_needs_attention_is_counted(phone: Phone) -> None:
    TaskGroup.objects.update(engine="REVIEW")
    phone.take()
    phone.analyse()
    phone.open(query="task_group_name=meter_front&callback_URI=https://other.example.com")

    counted = {counter.label: counter.value for counter in counters.counters()}

    assert counted == {
        "Photos to review": 1,
        "Photos being analysed": 0,
        "Analyses failed": 0,
        "Callbacks not allowed": 1,
        "Visits that never came back": 0,
    }


def test_old_orders_go_with_their_photos_and_files(phone: Phone) -> None:
    phone.take()
    photo = Photo.objects.get()
    files = [str(photo.file.name), str(photo.thumbnail.name)]
    FieldOrder.objects.update(changed_at=timezone.now() - timedelta(days=731))
    phone.open(query="task_group_name=meter_front")
    phone.take()

    expired = retention._old_orders(timezone.now() - timedelta(days=730))
    assert retention._remove_orders(FieldOrder.objects.filter(pk__in=list(expired.values_list("pk", flat=True)))) == 1

    assert FieldOrder.objects.count() == Photo.objects.count() == Analysis.objects.count() == 1
    assert not any(default_storage.exists(name) for name in files)


def test_old_visits_go_alone(phone: Phone) -> None:
    phone.take()
    Visit.objects.update(arrived_at=timezone.now() - timedelta(days=181))

    retention._old_visits(timezone.now() - timedelta(days=180)).delete()

    assert Input.objects.get().visit is None


def test_a_connection_of_a_site_needs_nothing_but_its_system(phone: Phone) -> None:
    Connection.objects.get(platform="camera").clean()


def test_the_state_takes_as_many_queries_for_one_photo_as_for_ten(phone: Phone) -> None:
    phone.take()
    phone.analyse()
    with CaptureQueriesContext(connection) as one:
        phone.now()
    for _ in range(9):
        phone.take()
    phone.analyse()

    with CaptureQueriesContext(connection) as ten:
        phone.now()

    assert len(ten) == len(one)
