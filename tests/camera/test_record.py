"""From the phone to the system of record, by a mapping alone: a real server, real rows, real photos."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.camera.engines.contract import Message, Verdict
from integrations.camera.models import FieldOrder, Input, TaskGroup, TaskOutcome
from integrations.camera.services import analysing
from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.events import sequencer
from integrations.events.models import Event
from integrations.sync import jobs as sync_jobs
from integrations.sync import plans
from integrations.sync.models import RecordLane, RecordWrite
from integrations.workorders import photos as kept_photos
from integrations.workorders import services as workorders
from integrations.workorders.models import Join, Photo, WorkOrder
from integrations.workorders.naming import order_called
from tests.camera.conftest import Said
from tests.camera.making import make_system, make_token
from tests.camera.phone import Phone
from tests.desk.people import signed_in
from tests.platforms.worklink import erp
from tests.simulators.record.control import RecordControl
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
NUMBER = "WO-000981"
FIELDS = {
    "verdict.status": "status",
    "verdict.score": "u_score",
    "photo.link": "u_photo",
    "item.group": "u_group",
    "task.seal_present": "u_seal",
    "camera.technician": "u_technician",
}
TYPES = ["camera.analysis.finished", "camera.item.corrected"]


@pytest.fixture
def record(record: RunningRecord) -> Iterator[RecordControl]:
    """The system of record with one order, to which verdicts are mapped."""
    record.control.add_order(NUMBER)
    system = make_system(write_from=timezone.now() - timedelta(days=1))
    erp.connect(system, record.url)
    erp.update(system, "camera.item", FIELDS, event_types=TYPES, condition="verdict.state == 'done'")
    yield record.control
    plans.forget()


@pytest.fixture
def phone(engine: Said, record: RecordControl) -> Phone:
    return Phone(make_token()[1])


def work() -> None:
    """Let everybody do what is to be done."""
    sequencer.sequence_all()
    drain(RecordLane, sync_jobs.run_lane)


def take_a_photo(phone: Phone, *, name: str = NUMBER) -> str:
    phone.open(query=f"task_group_name=meter_front&work_order_name={name}")
    photo = phone.take()
    phone.analyse()
    work()
    return photo


def test_verdict_score_and_photo_are_written_once_and_a_correction_updates_them(
    phone: Phone, engine: Said, record: RecordControl, client: Client
) -> None:
    engine.values(seal_present=False, clean=True)
    photo = take_a_photo(phone)
    work()

    order = record.order(NUMBER)
    assert (order["status"], order["u_score"], order["u_seal"]) == ("analysis_ko", 50, False)
    link = urlsplit(order["u_photo"])
    assert client.get(link.path).content == kept_photos.content_of(Photo.objects.get())
    assert len(record.effects()) == 1
    assert RecordWrite.objects.get().verdict == "CONFIRMED"

    phone.correct(photo, "seal_present", True)
    work()
    work()

    order = record.order(NUMBER)
    assert (order["status"], order["u_score"], order["u_seal"]) == ("analysis_ok", 100, True)
    assert order["u_photo"] == link.geturl()
    assert len(record.effects()) == 2


def test_a_correction_in_the_admin_updates_the_record_too(phone: Phone, engine: Said, record: RecordControl) -> None:
    engine.values(seal_present=False, clean=True)
    take_a_photo(phone)
    outcome = TaskOutcome.objects.get(task__name="seal_present")
    page = reverse("admin:camera_workitem_correct", args=[outcome.pk])

    signed_in("Operator", name="olga").post(page, {"value": "yes", "final": "on"})
    work()
    work()

    order = record.order(NUMBER)
    assert (order["status"], order["u_score"], order["u_seal"]) == ("analysis_ok", 100, True)
    assert len(record.effects()) == 2


def test_the_same_verdict_again_writes_nothing(phone: Phone, record: RecordControl) -> None:
    photo = take_a_photo(phone)

    analysing.analyse_again(Input.objects.get(uuid=photo), now=timezone.now(), anyway=True)
    phone.analyse()
    work()

    assert len(record.effects()) == 1


def test_a_photo_that_cannot_be_used_is_not_written(phone: Phone, conformity: Said, record: RecordControl) -> None:
    TaskGroup.objects.update(checks={"exposure": {"severity": "error"}})
    conformity.verdict = Verdict(messages=[Message("error", "DARK", "Too dark")])

    take_a_photo(phone)

    assert Event.objects.get(type="camera.analysis.finished").payload["state"] == "refused"
    assert record.effects() == []


def test_what_an_operator_assigns_later_is_written_then(phone: Phone, record: RecordControl) -> None:
    phone.open(query="task_group_name=meter_front")
    phone.take()
    phone.analyse()
    work()
    assert record.effects() == []
    join = Join.objects.unmatched().get()

    workorders.assign(join, _known_order(), by="kim", now=timezone.now())
    work()

    assert record.order(NUMBER)["status"] == "analysis_ok"
    assert len(record.effects()) == 1
    assert FieldOrder.objects.get().subject == Photo.objects.get().work_order.subject  # type: ignore[union-attr]


def _known_order() -> WorkOrder:
    return order_called(NUMBER, system=Connection.objects.get(slug="erp")).work_order
