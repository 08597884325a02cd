"""From the field app through us to the vendor's camera and back, as if nothing stood between."""

import errno
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from integrations.camera import hand_overs, jobs
from integrations.camera.models import (
    Analysis,
    Callback,
    Engine,
    FieldOrder,
    HandOver,
    Input,
    Phase,
    TaskGroup,
    TaskOutcome,
    Visit,
)
from integrations.camera.services import leaving
from integrations.connections.models import Connection
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.workorders.models import Photo
from tests.camera.making import DEFAULT_CALLBACK, make_token
from tests.camera.phone import Phone, parameters
from tests.simulators.deepomatic.camera import a_photo
from tests.simulators.deepomatic.state import CONNECTOR_TOKEN
from tests.simulators.running import RunningDeepomatic

pytestmark = pytest.mark.django_db
STATE = "eyJhIjoxfQ=="
QUERY = f"task_group_name=meter_front&work_order_name=JOB-7&state={STATE}"
BLURRY = {"severity": "error", "code": "BLUR", "message": "The photo is blurry"}


@pytest.fixture
def phone(connection: Connection) -> Phone:
    return ready(connection)


def ready(connection: Connection, **token: Any) -> Phone:
    value = make_token(**token)[1]
    TaskGroup.objects.update(engine=Engine.HAND_OVER, engine_connection=connection)
    made = Phone(value)
    made.open(query=QUERY)
    return made


def work() -> int:
    HandOver.objects.filter(state=WorkState.DUE).update(due_at=timezone.now())
    return drain(HandOver, hand_overs.run)


def go(phone: Phone) -> str:
    """Be the page: ask for the hand-over, and follow until the browser leaves for the vendor. Returns that address."""
    assert phone.state["items"][0]["handOver"] is True
    url = phone.post(f"{phone.url}items/{phone.item}/hand-overs", {}).json()["url"]
    assert 'http-equiv="refresh"' in phone.client.get(url).content.decode()
    assert phone.client.get(f"{url}?look").json()["page"] == "GOING"
    work()
    return str(phone.client.get(url).headers["Location"])


def there(vendor: RunningDeepomatic, address: str, *photos: bytes, how: str = "done") -> str:
    """Be the user at the vendor's camera; return the callback."""
    camera = vendor.control.camera
    visit = camera.begin(address)
    for photo in photos:
        camera.take(visit, photo)
    return camera.leave(visit, how)


def come_back(phone: Phone, callback: str) -> Any:
    """Follow the callback to our page; return its answer after the worker has read what there is."""
    parts = urlsplit(callback)
    page = phone.client.get(f"{parts.path}?{parts.query}")
    if page.status_code != 302:
        return page
    url = page.headers["Location"]
    assert "?" not in url
    work()
    return phone.client.get(url)


def test_the_field_app_gets_its_callback_as_if_nothing_stood_between(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)

    address = go(phone)
    answer = come_back(phone, there(vendor, address, a_photo()))

    query = parse_qs(urlsplit(address).query)
    assert address.endswith(f"#token={CONNECTOR_TOKEN}")
    assert query["task_group_name"] == ["meter_front"]
    assert query["work_order_id"] == [vendor.control.orders()[0]["id"]]
    assert query["callback_URI"][0].startswith("http://localhost:8000/field/api/visits/")
    made = Input.objects.get()
    assert answer.headers["Location"].startswith(DEFAULT_CALLBACK)
    assert parameters(answer.headers["Location"]) == {
        "work_order_id": str(FieldOrder.objects.get().uuid),
        "work_item_id": phone.item,
        "input_id": str(made.uuid),
        "status": "analysis_ko",
        "work_item_score": "50",
        "state": STATE,
    }
    assert Photo.objects.get().external_id == str(made.uuid)
    assert dict(TaskOutcome.objects.values_list("task__name", "analyzed_value")) == {
        "seal_present": False,
        "clean": True,
    }
    assert Analysis.objects.get().engine == Engine.HAND_OVER
    assert Visit.objects.get().photos == 1


def test_the_vendors_token_and_our_addresses_secret_are_kept_nowhere(phone: Phone, vendor: RunningDeepomatic) -> None:
    callback = there(vendor, go(phone), a_photo())
    come_back(phone, callback)

    row = HandOver.objects.get()
    kept = " ".join(str(value) for value in vars(row).values())
    assert CONNECTOR_TOKEN not in kept
    assert urlsplit(callback).path.rpartition("/")[2] not in kept


def test_who_cancels_over_there_took_no_photo(phone: Phone, vendor: RunningDeepomatic) -> None:
    answer = come_back(phone, there(vendor, go(phone), how="cancel"))

    told = parameters(answer.headers["Location"])
    assert (told["status"], told["state"], "input_id" in told) == ("canceled_picture", STATE, False)
    assert not Input.objects.exists()


def test_a_photo_that_fails_conformity_is_told_with_its_messages(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.find(BLURRY)

    answer = come_back(phone, there(vendor, go(phone), a_photo(), how="back"))

    told = parameters(answer.headers["Location"])
    assert told["status"] == "conformity_error"
    assert told["conformity_messages"] == "error::BLUR::The photo is blurry"


def test_a_retake_over_there_is_a_second_input(phone: Phone, vendor: RunningDeepomatic) -> None:
    camera = vendor.control.camera
    visit = camera.begin(go(phone))
    vendor.control.find(BLURRY)
    camera.take(visit, a_photo("first"))
    vendor.control.find()
    camera.take(visit, a_photo("second"))

    answer = come_back(phone, camera.leave(visit))

    first, second = Analysis.objects.order_by("pk")
    assert (first.state, second.state) == ("REFUSED", "DONE")
    told = parameters(answer.headers["Location"])
    assert (told["status"], told["input_id"]) == ("analysis_ok", str(second.input.uuid))


def test_a_correction_made_over_there_counts(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)
    callback = there(vendor, go(phone), a_photo())
    (order,) = vendor.control.state.orders.values()
    order.values["meter_front", "seal_present"]["corrected_value"] = True

    told = parameters(come_back(phone, callback).headers["Location"])

    assert (told["status"], told["work_item_score"]) == ("analysis_ok", "100")
    assert TaskOutcome.objects.get(task__name="seal_present").analyzed_value is False


def test_what_the_browser_says_is_not_believed(phone: Phone, vendor: RunningDeepomatic) -> None:
    vendor.control.answer(seal_present=False)
    callback = there(vendor, go(phone), a_photo())
    forged = re.sub(r"status=\w+", "status=analysis_ok", re.sub(r"score=\d+", "score=100", callback))

    told = parameters(come_back(phone, forged).headers["Location"])

    assert (told["status"], told["work_item_score"]) == ("analysis_ko", "50")


def test_a_forged_input_id_brings_no_photo_of_somebody_else(phone: Phone, vendor: RunningDeepomatic) -> None:
    other = vendor.control.state.create("OTHER")
    forged = re.sub(r"work_order_id=[^&]+", f"work_order_id={other.id}", there(vendor, go(phone), how="cancel"))

    come_back(phone, f"{forged}&input_id=00000000-0000-4000-8000-000000000001")
    assert HandOver.objects.get().state == WorkState.DUE
    assert not Input.objects.exists()
    HandOver.objects.update(back_at=timezone.now() - timedelta(minutes=3))
    work()

    assert (HandOver.objects.get().phase, Input.objects.count()) == (Phase.OVER, 0)


@pytest.mark.parametrize("change", [("/back/", "/back/x"), ("state=", "state=x"), ("&state=", "&other=")])
def test_another_address_than_ours_changes_nothing(
    phone: Phone, vendor: RunningDeepomatic, change: tuple[str, str]
) -> None:
    callback = there(vendor, go(phone), a_photo())

    answer = come_back(phone, callback.replace(*change))

    assert answer.status_code == 404
    assert HandOver.objects.get().phase == Phase.AWAY
    assert work() == 0
    assert not Input.objects.exists()


def test_the_address_is_for_this_visit_and_its_browser(phone: Phone, vendor: RunningDeepomatic) -> None:
    callback = there(vendor, go(phone), a_photo())
    other = Phone(phone.token)
    other.open(query=QUERY)

    assert come_back(other, callback).status_code == 401
    mine = come_back(other, callback.replace(phone.state["visit"]["uuid"], other.state["visit"]["uuid"]))

    assert mine.status_code == 404
    assert HandOver.objects.get().phase == Phase.AWAY
    assert not Input.objects.exists()


def test_coming_back_twice_stores_one_photo(phone: Phone, vendor: RunningDeepomatic) -> None:
    callback = there(vendor, go(phone), a_photo())

    answers = [come_back(phone, callback), come_back(phone, callback)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert (Input.objects.count(), Callback.objects.count()) == (1, 1)


def test_a_worker_killed_while_it_reads_loses_and_doubles_nothing(
    phone: Phone, vendor: RunningDeepomatic, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = there(vendor, go(phone), a_photo())
    with monkeypatch.context() as patch:
        patch.setattr("integrations.camera.services.handing.analysing.settle", killed)
        with pytest.raises(SystemExit):
            come_back(phone, callback)
    assert not Input.objects.exists()

    HandOver.objects.update(due_at=timezone.now())
    work()

    assert (HandOver.objects.get().phase, Input.objects.count()) == (Phase.OVER, 1)


def test_a_disk_that_is_full_when_the_photo_is_kept_is_waited_for(
    phone: Phone, vendor: RunningDeepomatic, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = there(vendor, go(phone), a_photo())
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", no_room)
        come_back(phone, callback)
    row = HandOver.objects.get()
    assert (row.state, row.note[:22], Input.objects.count()) == (WorkState.DUE, "There is no room left ", 0)

    work()

    assert (HandOver.objects.get().phase, Input.objects.count()) == (Phase.OVER, 1)


def no_room(*_: object) -> str:
    raise OSError(errno.ENOSPC, "No space left on device")


def killed(*_: object, **__: object) -> None:
    raise SystemExit


def test_who_never_comes_back_has_taken_the_photo_all_the_same(phone: Phone, vendor: RunningDeepomatic) -> None:
    there(vendor, go(phone), a_photo())
    Visit.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    assert leaving.abandon_due(10) == 1
    work()

    assert Analysis.objects.get().state == "DONE"


def test_a_result_that_cannot_be_read_yet_is_waited_for(phone: Phone, vendor: RunningDeepomatic) -> None:
    callback = there(vendor, go(phone), a_photo())
    vendor.control.fault("status", status=502, path="/v0.2/*", times=1)

    page = come_back(phone, callback)
    assert "Reading the result" in page.content.decode()
    assert "Leave now" not in page.content.decode()
    HandOver.objects.update(back_at=timezone.now() - timedelta(minutes=1))
    url = page.request["PATH_INFO"]
    assert "Leave now" in phone.client.get(url).content.decode()
    early = parameters(phone.client.get(f"{url}?leave").headers["Location"])
    assert ("status" in early, early["state"]) == (False, STATE)

    Connection.objects.update(next_try_at=None, failures=0)
    work()

    assert parameters(phone.client.get(url).headers["Location"])["status"] == "analysis_ok"


def test_without_the_vendor_the_photo_is_taken_here(phone: Phone, vendor: RunningDeepomatic) -> None:
    Connection.objects.filter(slug="vendor").update(paused=True)
    url = phone.post(f"{phone.url}items/{phone.item}/hand-overs", {}).json()["url"]
    work()

    page = phone.client.get(url).content.decode()
    assert "Use this camera" in page
    assert f'href="/field/connector/work_item/create?{QUERY.replace("&", "&amp;")}"' in page
    assert phone.now()["items"][0]["handOver"] is False
    assert phone.post(f"{phone.url}items/{phone.item}/hand-overs", {}).status_code == 404

    Connection.objects.filter(slug="vendor").update(paused=False)
    phone.take(a_photo())
    phone.analyse()
    assert phone.told()["status"] == "analysis_ok"


def test_the_back_button_asks_before_it_leaves_again(phone: Phone, vendor: RunningDeepomatic) -> None:
    address = go(phone)
    url = phone.post(f"{phone.url}items/{phone.item}/hand-overs", {}).json()["url"]
    assert HandOver.objects.count() == 1

    page = phone.client.get(url).content.decode()
    assert "Open the camera" in page
    assert phone.client.get(f"{url}?again").headers["Location"] == address
    without = re.search(r'href="([^"]+canceled_picture[^"]+)"', page)
    assert without is not None
    answer = come_back(phone, without[1].replace("&amp;", "&"))

    assert parameters(answer.headers["Location"])["status"] == "canceled_picture"


def test_before_the_analysis_the_input_alone_is_told(connection: Connection, vendor: RunningDeepomatic) -> None:
    phone = ready(connection, flow="before_analysis")

    told = parameters(come_back(phone, there(vendor, go(phone), a_photo(), how="before")).headers["Location"])

    assert (told["input_id"], "status" in told) == (str(Input.objects.get().uuid), False)


def test_on_the_work_orders_page_it_goes_back_to_that_page(phone: Phone, vendor: RunningDeepomatic) -> None:
    phone.open("/field/connector/work_order/create", "work_order_name=JOB-9")
    item = phone.post(f"{phone.url}items", {"group": "meter_back"}).json()["item"]
    url = phone.post(f"{phone.url}items/{item}/hand-overs", {}).json()["url"]
    work()
    address = phone.client.get(url).headers["Location"]

    answer = come_back(phone, there(vendor, address, a_photo()))

    assert answer.headers["Location"] == "/field/connector/work_order/create?work_order_name=JOB-9"
    assert phone.now()["items"][0]["photos"][0]["status"] == "analysis_ok"
    assert drain(HandOver, jobs.run_analysis) == 0
