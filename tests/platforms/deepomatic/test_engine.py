"""Photos judged by the vendor's models: once each, whatever is lost on the way."""

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from integrations.camera.models import (
    Analysis,
    AnalysisRun,
    AnalysisState,
    Engine,
    FieldOrder,
    Input,
    TaskGroup,
    TaskOutcome,
)
from integrations.camera.services import analysing
from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.events.sequencer import sequence_all
from integrations.platforms.deepomatic import corrections
from integrations.platforms.deepomatic.client import MOST_OF_AN_IMAGE
from integrations.platforms.deepomatic.models import CorrectionPush, SentPhoto, VendorOrder
from tests.camera.making import make_token, picture
from tests.camera.phone import Phone
from tests.platforms.deepomatic.conftest import make_vendor_connection
from tests.simulators.deepomatic.camera import a_photo
from tests.simulators.running import RunningDeepomatic

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front&work_order_name=JOB-1042"


@pytest.fixture
def phone(connection: Connection) -> Phone:
    token = make_token()[1]
    TaskGroup.objects.update(engine=Engine.DEEPOMATIC, engine_connection=connection)
    made = Phone(token)
    made.open(query=FRONT)
    return made


def due() -> None:
    """Let what waits for its next try be due."""
    AnalysisRun.objects.filter(state=WorkState.DUE).update(due_at=timezone.now())


def judged(phone: Phone, photo: str) -> dict[str, Any]:
    phone.analyse()
    return phone.photo(photo)


def test_the_vendors_values_are_the_verdict(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)

    shown = judged(phone, phone.take())

    assert {task["name"]: task["value"] for task in shown["tasks"]} == {"seal_present": False, "clean": True}
    assert (shown["status"], shown["score"]) == ("analysis_ko", 50)
    (there,) = vendor.control.orders()
    assert there["name"] == "JOB-1042"
    assert FieldOrder.objects.get().external_id == VendorOrder.objects.get().external_id == there["id"]
    assert Analysis.objects.get().external_id == vendor.control.state.orders[there["id"]].analyses[0]


def test_messages_of_its_data_conformity_stop_the_photo(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.find("error::BLUR::The photo is blurry", {"severity": "warning", "code": "DARK", "message": "Dark"})

    shown = judged(phone, phone.take())

    assert shown["state"] == "refused"
    told = phone.told("back")
    assert told["status"] == "conformity_error"
    assert told["conformity_messages"] == "error::BLUR::The photo is blurry,warning::DARK::Dark"


def test_a54_a_new_version_of_the_application_changes_nothing_here(phone: Phone, vendor: RunningDeepomatic) -> None:
    first = judged(phone, phone.take())
    vendor.control.upgrade()

    second = judged(phone, phone.take())

    assert [each["status"] for each in (first, second)] == ["analysis_ok"] * 2
    assert len(vendor.control.orders()) == 1


@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "no_change"}, {"kind": "status", "status": 500}])
def test_a_photo_whose_answer_is_lost_is_looked_for_before_it_is_sent_again(
    phone: Phone, vendor: RunningDeepomatic, fault: dict[str, Any]
) -> None:
    vendor.control.fault(**fault, path="*analyze*", times=1)
    photo = phone.take()
    judged(phone, photo)
    assert AnalysisRun.objects.get().state == WorkState.DUE

    due()
    shown = judged(phone, photo)

    assert shown["status"] == "analysis_ok"
    assert len(vendor.control.effects("analyze")) == 1


def test_an_order_whose_creation_was_not_answered_stays_there_empty_and_the_one_in_use_is_named(
    phone: Phone, vendor: RunningDeepomatic, admin_client: Client
) -> None:
    """The vendor's API has no list of orders and no search (vendor sheet, 4.3)."""
    vendor.control.fault("drop_after", method="POST", path="*/work-orders/", times=1)
    photo = phone.take()
    judged(phone, photo)
    due()

    judged(phone, photo)

    empty, used = vendor.control.orders()
    assert (empty["name"], empty["inputs"]) == (used["name"], [])
    assert len(used["inputs"]) == 1
    page = admin_client.get(reverse("admin:camera_fieldorder_change", args=[FieldOrder.objects.get().pk]))
    assert used["id"] in page.content.decode()


def test_a_worker_killed_after_the_send_sends_nothing_twice(
    phone: Phone, vendor: RunningDeepomatic, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = phone.take()
    with monkeypatch.context() as patch:
        patch.setattr("integrations.camera.services.analysing.finish", killed)
        with pytest.raises(SystemExit):
            phone.analyse()
    AnalysisRun.objects.update(due_at=timezone.now())

    shown = judged(phone, photo)

    assert shown["status"] == "analysis_ok"
    assert len(vendor.control.effects("analyze")) == 1


def killed(*_: object, **__: object) -> None:
    raise SystemExit


def test_another_photo_of_the_same_kind_is_not_taken_for_the_lost_one(phone: Phone, vendor: RunningDeepomatic) -> None:
    judged(phone, phone.take())
    vendor.control.answer(seal_present=False)
    vendor.control.fault("drop_before", path="*analyze*", times=1)
    photo = phone.take()
    judged(phone, photo)

    due()
    shown = judged(phone, photo)

    assert shown["status"] == "analysis_ko"
    assert len(vendor.control.effects("analyze")) == 2


def test_an_analysis_asked_for_again_is_made_again(phone: Phone, vendor: RunningDeepomatic) -> None:
    photo = phone.take()
    judged(phone, photo)
    vendor.control.answer(seal_present=False)
    analysing.analyse_again(Input.objects.get(), now=timezone.now(), anyway=True)

    assert judged(phone, photo)["status"] == "analysis_ko"
    assert len(vendor.control.effects("analyze")) == 2


def test_one_photo_of_an_order_is_there_at_a_time(phone: Phone, vendor: RunningDeepomatic) -> None:
    photo = phone.take()
    order = VendorOrder.objects.create(
        connection=Connection.objects.get(slug="vendor"),
        order=FieldOrder.objects.get(),
        busy_until=timezone.now() + timedelta(minutes=1),
    )
    judged(phone, photo)
    run = AnalysisRun.objects.get()
    assert (run.state, vendor.control.orders()) == (WorkState.DUE, [])
    assert "Another photo of this order" in run.note

    VendorOrder.objects.filter(pk=order.pk).update(busy_until=timezone.now())
    due()

    assert judged(phone, photo)["status"] == "analysis_ok"
    order.refresh_from_db()
    assert order.busy_until is None


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_photos_wait_while_the_vendor_refuses_or_is_away(phone: Phone, vendor: RunningDeepomatic, status: int) -> None:
    vendor.control.fault("status", status=status, times=1)
    photo = phone.take()

    assert judged(phone, photo)["state"] == "analysing"
    Connection.objects.update(next_try_at=None, failures=0)
    due()

    assert judged(phone, photo)["status"] == "analysis_ok"


def test_a_refusal_that_will_not_pass_ends_the_analysis_and_keeps_the_photo(
    phone: Phone, vendor: RunningDeepomatic
) -> None:
    TaskGroup.objects.update(engine_settings={"task_group": "unknown there"})
    photo = phone.take()

    assert judged(phone, photo)["state"] == "failed"
    assert not SentPhoto.objects.exists()

    TaskGroup.objects.update(engine_settings={"task_group": "meter_back"})
    phone.post(f"{phone.url}inputs/{photo}/analyses", {})
    assert judged(phone, photo)["state"] == "failed"
    assert "has none of the tasks" in Analysis.objects.latest("pk").note

    names = {"task_group": "meter_back", "tasks": {"seal_present": "closed"}}
    TaskGroup.objects.update(engine_settings=names)
    phone.post(f"{phone.url}inputs/{photo}/analyses", {})
    shown = judged(phone, photo)
    assert {task["name"]: task["value"] for task in shown["tasks"]} == {"seal_present": True, "clean": None}


def test_an_order_deleted_there_is_made_anew(phone: Phone, vendor: RunningDeepomatic) -> None:
    judged(phone, phone.take())
    vendor.control.state.delete(vendor.control.orders()[0]["id"])
    photo = phone.take()

    judged(phone, photo)
    due()

    assert judged(phone, photo)["status"] == "analysis_ok"
    assert FieldOrder.objects.get().external_id == vendor.control.orders()[0]["id"]


def test_capture_mode_sends_nothing(phone: Phone, vendor: RunningDeepomatic) -> None:
    Connection.objects.filter(slug="vendor").update(capture=True)

    assert judged(phone, phone.take())["state"] == "failed"
    assert vendor.control.orders() == []
    assert "capture mode" in Analysis.objects.get().note


def test_a_large_photo_is_made_smaller_and_any_kind_a_jpeg(phone: Phone, vendor: RunningDeepomatic) -> None:
    noise = Image.effect_noise((2600, 2200), 90).convert("RGB")
    large = encoded(noise, "JPEG", quality=94)
    assert MOST_OF_AN_IMAGE < len(large) < 2 * MOST_OF_AN_IMAGE

    judged(phone, phone.take(large))
    judged(phone, phone.take(picture("blue", format="PNG")))

    assert Analysis.objects.filter(state=AnalysisState.DONE).count() == 2
    sent = [each.content for order in vendor.control.state.orders.values() for each in order.inputs]
    assert all(each.startswith(b"\xff\xd8") and len(base64.b64encode(each)) < MOST_OF_AN_IMAGE for each in sent)


def encoded(image: Any, form: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def test_a_photo_goes_as_a_link_where_the_connection_says_so(vendor: RunningDeepomatic) -> None:
    connection, token = make_vendor_connection(vendor, photos_as="link"), make_token()[1]
    TaskGroup.objects.update(engine=Engine.DEEPOMATIC, engine_connection=connection)
    phone = Phone(token)
    phone.open(query=FRONT)

    judged(phone, phone.take(a_photo()))

    (order,) = vendor.control.state.orders.values()
    assert phone.client.get(order.inputs[0].url).status_code == 200
    assert order.inputs[0].content == b""


def corrected(phone: Phone, *, sends: bool) -> str:
    Connection.objects.filter(slug="vendor").update(settings={"send_corrections": sends})
    photo = phone.take()
    phone.analyse()
    assert phone.correct(photo, "seal_present", True).status_code == 200
    sequence_all()
    return photo


def push() -> None:
    CorrectionPush.objects.filter(state=WorkState.DUE).update(due_at=timezone.now())
    drain(CorrectionPush, corrections.push)


def test_a_correction_made_here_is_made_there_once(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)
    corrected(phone, sends=True)
    vendor.control.upgrade()
    vendor.control.fault("drop_after", path="*correction*", times=1)

    push()
    assert CorrectionPush.objects.get().state == WorkState.DUE
    push()
    push()

    assert [each["content"] for each in vendor.control.effects("correct")] == [{"task": "seal_present", "value": True}]
    row = CorrectionPush.objects.get()
    assert (row.state, row.note) == (WorkState.DONE, "It was corrected so already.")
    assert TaskOutcome.objects.get(task__name="seal_present").analyzed_value is False


def test_a_correction_stays_here_where_the_connection_says_so(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)
    corrected(phone, sends=False)

    push()

    assert vendor.control.effects("correct") == []
    assert CorrectionPush.objects.get().state == WorkState.SKIPPED


def test_another_correction_there_is_not_overruled(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)
    corrected(phone, sends=True)
    (order,) = vendor.control.state.orders.values()
    order.values["meter_front", "seal_present"]["corrected_value"] = False

    push()

    row = CorrectionPush.objects.get()
    assert (row.state, vendor.control.effects("correct")) == (WorkState.FAILED, [])
    assert "final" in row.note


def test_corrections_of_other_engines_photos_are_not_sent(phone: Phone, vendor: RunningDeepomatic) -> None:
    corrected(phone, sends=True)
    TaskGroup.objects.update(engine=Engine.REVIEW)

    push()

    assert CorrectionPush.objects.get().state == WorkState.SKIPPED
    assert vendor.control.effects("correct") == []
    assert Event.objects.filter(type="camera.item.corrected").exists()
