"""Photos sent piece by piece: resumed, repeated, refused, and never lost or double."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.camera import disk, jobs
from integrations.camera.models import Analysis, AnalysisRun, FieldOrder, Input, Upload, Visit
from integrations.camera.services import pieces, receiving, telling, uploading
from integrations.core import clock
from integrations.events.models import Event
from integrations.schedules.models import ScheduledJob
from integrations.workorders import photos as kept_photos
from integrations.workorders.models import Photo
from tests.camera.making import make_site, make_token, picture
from tests.camera.phone import Phone
from tests.core.test_heic import made as heic

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front"
PDF = b"%PDF-1.7\n" + b"x" * 2000


@pytest.fixture
def phone() -> Phone:
    made = Phone(make_token()[1])
    made.open(query=FRONT)
    return made


def files() -> list[str]:
    return pieces.names()


def test_pieces_become_an_input_with_its_analysis_and_its_event(phone: Phone) -> None:
    whole = picture()

    first = phone.put(whole[:1000], whole=whole)
    last = phone.put(whole[1000:], whole=whole, offset=1000)

    assert (first.status_code, first.json()) == (200, {"received": 1000, "input": None})
    made = Input.objects.get()
    assert (last.status_code, last.json()) == (201, {"received": len(whole), "input": str(made.uuid)})
    assert made.number == 1
    assert AnalysisRun.objects.get().analysis.input == made
    event = Event.objects.get(type="camera.input.received")
    assert (event.source_type, event.source_id) == ("camera.item", str(made.item_id))
    assert event.payload["input"] == str(made.uuid)
    assert not Upload.objects.exists()
    assert files() == []


def test_every_piece_may_be_repeated(phone: Phone) -> None:
    whole = picture()

    answers = [phone.put(whole[:1000], whole=whole) for _ in range(2)]
    done = [phone.put(whole[1000:], whole=whole, offset=1000) for _ in range(2)]
    again = phone.put(whole[:1000], whole=whole)

    assert {answer.content for answer in answers} == {b'{"received": 1000, "input": null}'}
    assert len({answer.content for answer in [*done, again]}) == 1
    assert {answer.status_code for answer in [*done, again]} == {201}
    assert Input.objects.count() == Photo.objects.count() == AnalysisRun.objects.count() == 1
    assert Visit.objects.get().photos == 1


def test_a_phone_asks_where_to_go_on(phone: Phone) -> None:
    whole = picture()
    assert phone.head()["Upload-Offset"] == "0"

    phone.put(whole[:1000], whole=whole)
    wrong = phone.put(whole[1500:], whole=whole, offset=1500)

    assert phone.head()["Upload-Offset"] == "1000"
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["received"]) == (409, "wrong_offset", 1000)
    assert wrong["Upload-Offset"] == "1000"
    made = phone.put(whole[1000:], whole=whole, offset=1000).json()["input"]
    assert phone.head()["Upload-Input"] == made


def test_another_visit_of_the_order_goes_on_where_one_stopped(phone: Phone) -> None:
    whole = picture()
    phone.put(whole[:1000], whole=whole)

    phone.open(f"/field/connector/work_item/{phone.item}")

    assert phone.put(whole[1000:], whole=whole, offset=1000).status_code == 201


def test_pieces_that_are_gone_from_the_disk_are_asked_for_again(phone: Phone) -> None:
    whole = picture()
    phone.put(whole[:1000], whole=whole)
    pieces.remove(Upload.objects.get().path)

    lost = phone.put(whole[1000:], whole=whole, offset=1000)

    assert (lost.status_code, lost.json()["received"]) == (409, 0)
    assert phone.put(whole).status_code == 201


def test_another_photo_under_the_same_key_is_refused(phone: Phone) -> None:
    whole = picture()
    phone.put(whole[:1000], whole=whole)

    answer = phone.put(picture("blue"))

    assert (answer.status_code, answer.json()["code"]) == (409, "upload_differs")


def test_a_damaged_photo_is_sent_again_from_its_beginning(phone: Phone) -> None:
    whole = picture()
    phone.put(b"?" * 1000, whole=whole)

    damaged = phone.put(whole[1000:], whole=whole, offset=1000)

    assert (damaged.status_code, damaged.json()["code"]) == (422, "damaged")
    assert not Input.objects.exists()
    assert phone.put(whole).status_code == 201


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        lambda: b"GIF89a" + b"<script>alert(1)</script>",
        lambda: b"MZ" + bytes(500),
        lambda: picture()[:300],
        bomb,
    ],
    ids=["svg", "script in a gif", "program", "half a photo", "decompression bomb"],
)
def test_what_is_no_photo_is_refused_and_forgotten(phone: Phone, make: Callable[[], bytes]) -> None:
    answer = phone.put(make(), content_type="image/jpeg")

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")
    assert not Input.objects.exists()
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()
    assert files() == []


def test_what_follows_the_photo_in_a_file_is_gone(phone: Phone) -> None:
    phone.put(picture() + b"<script>alert(1)</script>PK\x03\x04")

    assert b"script" not in kept_photos.content_of(Photo.objects.get())


@pytest.mark.parametrize("content_type", ["application/pdf", "image/jpeg"])
def test_a_pdf_is_taken_only_where_the_group_says_so(phone: Phone, content_type: str) -> None:
    answer = phone.put(PDF, content_type=content_type)

    assert (answer.status_code, answer.json()["code"]) == (415, "type_not_accepted")
    assert not Input.objects.exists()


def test_a_pdf_is_kept_as_it_came_and_never_shown_in_place(phone: Phone, client: Client) -> None:
    _group_of(phone, allow_pdf=True)

    made = phone.put(PDF, content_type="application/pdf").json()["input"]

    shown = phone.photo(made)
    assert (shown["contentType"], shown["thumbnail"]) == ("application/pdf", None)
    served = client.get(shown["picture"])
    assert served.content == PDF
    assert served["Content-Disposition"].startswith("attachment")
    assert client.get(shown["picture"][:-3] + "x/").status_code == 404


def test_a_pdf_above_8_mb_is_refused(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    _group_of(phone, allow_pdf=True)
    monkeypatch.setattr(uploading, "MOST_BYTES_OF_A_PDF", 1000)

    assert phone.put(PDF, content_type="application/pdf").status_code == 413


def _group_of(phone: Phone, **values: Any) -> None:
    group = Visit.objects.get().item.group  # type: ignore[union-attr]
    for name, value in values.items():
        setattr(group, name, value)
    group.save()


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Offset": "-1"},
        {"Upload-Offset": "abc"},
        {"Upload-Offset": "9" * 30},
        {"Upload-Length": "1"},
        {"Upload-Length": "²"},
        {"Upload-Sha256": "no"},
    ],
)
def test_headers_that_make_no_sense_are_refused(phone: Phone, headers: dict[str, str]) -> None:
    answer = phone.put(picture(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not Upload.objects.exists()


def test_a_photo_in_heic_is_resumed_kept_as_jpeg_and_judged(phone: Phone) -> None:
    made = phone.take(heic())

    phone.analyse()

    kept = Photo.objects.get()
    assert (kept.content_type, kept.width, kept.height) == ("image/jpeg", 96, 64)
    assert kept.metadata["format"] == "HEIF"
    assert phone.photo(made)["state"] == "done"


@pytest.mark.parametrize("damage", [slice(40), slice(-300)])
def test_damaged_heic_is_refused_with_a_sentence_and_leaves_nothing(phone: Phone, damage: slice) -> None:
    answer = phone.put(heic()[damage])

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")
    assert "HEIC" in answer.json()["title"]
    assert (Input.objects.count(), Upload.objects.count(), files()) == (0, 0, [])


@pytest.mark.parametrize("key", ["short", "x" * 65, "..%2F..%2Fetc", "key with space"])
def test_keys_are_letters_and_digits(phone: Phone, key: str) -> None:
    assert phone.put(picture(), key=key).status_code in (400, 404)
    assert files() == []


def test_too_many_bytes_are_refused_before_they_are_kept(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    assert phone.put(picture(), headers={"Upload-Length": str(26 * 1024 * 1024)}).json()["code"] == "too_large"
    monkeypatch.setattr(uploading, "MOST_OF_A_PIECE", 100)

    assert phone.put(picture()).status_code == 413
    assert not Upload.objects.exists()


def test_a_full_disk_is_507_and_the_phone_goes_on_later(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    whole = picture()
    phone.put(whole[:1000], whole=whole)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        written = phone.put(whole[1000:], whole=whole, offset=1000)
    settings.DISK_MIN_FREE_MB = 10**9
    little = phone.put(whole[1000:], whole=whole, offset=1000)
    settings.DISK_MIN_FREE_MB = 0

    assert {written.status_code, little.status_code} == {507}
    assert {written.json()["code"], little.json()["code"]} == {"disk_full"}
    assert phone.head()["Upload-Offset"] == "1000", "what was not acknowledged is sent again"
    assert phone.put(whole[1000:], whole=whole, offset=1000).status_code == 201


def test_a_full_database_is_507_too(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(receiving, "_insert", full)

    assert phone.put(picture()).status_code == 507
    assert not Input.objects.exists()


def test_readyz_says_that_the_disk_is_full(client: Client, settings: Settings) -> None:
    assert client.get("/readyz").json()["disk"]["state"] == "ok"
    settings.DISK_MIN_FREE_MB = 10**9

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["disk"]["note"] == disk.problem()


STEPS = {
    "before a piece is written": (pieces, "write"),
    "after the piece, before it is noted": (Upload, "refresh_from_db"),
    "before the whole is decoded": (uploading, "content_of"),
    "after decoding": (receiving, "keep_files"),
    "after the input": (receiving, "_keep_picture"),
    "after the photo": (receiving, "start_analysis"),
    "before the commit": (telling, "tell_of_item"),
    "after the commit": (pieces, "remove"),
}


class Killed(BaseException):
    """The process was killed here."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_leaves_an_upload_to_resume_or_one_input(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)
    whole = picture()
    phone.put(whole[:1000], whole=whole)
    owner, name = STEPS[step]

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(Killed):
            phone.put(whole[1000:], whole=whole, offset=1000)
    begun = Input.objects.count()
    offset = int(phone.head()["Upload-Offset"])
    answer = phone.put(whole[offset:] or whole, whole=whole, offset=offset if offset < len(whole) else 0)

    assert begun == (1 if step == "after the commit" else 0)
    assert answer.status_code == 201
    counts = {model.objects.count() for model in (Input, Photo, Analysis, AnalysisRun)}
    assert counts == {1}
    assert Event.objects.filter(type="camera.input.received").count() == 1
    assert kept_photos.content_of(Photo.objects.get())
    assert not Upload.objects.exists()


def test_uploads_that_nobody_goes_on_with_go_with_their_files(phone: Phone) -> None:
    whole = picture()
    phone.put(whole[:1000], whole=whole, key="photo-stale")
    phone.put(whole[:1000], whole=whole, key="photo-fresh")
    Upload.objects.filter(key="photo-stale").update(changed_at=timezone.now() - timedelta(days=8))
    pieces.write("stray.part", offset=0, data=b"left by a crash")
    old = pieces.path_of("stray.part")
    timestamp = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(old, (timestamp, timestamp))

    note = jobs.clean_uploads(_claim())

    assert note == "1 uploads given up, 1 files deleted."
    assert [upload.path for upload in Upload.objects.all()] == files()


def _claim() -> Any:
    ScheduledJob.objects.create(name="camera.uploads", due_at=clock.now() - timedelta(seconds=1))
    return ScheduledJob.objects.claim_due(now=clock.now())[0]


def test_the_time_of_a_photo_is_the_devices_if_it_can_be(phone: Phone) -> None:
    phone.put(picture(), key="photo-good", headers={"Upload-Taken-At": "2026-03-01T12:00:00+01:00"})
    phone.put(picture("blue"), key="photo-zone", headers={"Upload-Taken-At": "2026-03-01T12:00:00"})
    phone.put(picture("green"), key="photo-wild", headers={"Upload-Taken-At": "9999-12-31T23:59:59+00:00"})

    taken = [row.taken_at for row in Input.objects.order_by("pk")]
    assert [str(each) for each in taken] == ["2026-03-01 11:00:00+00:00", "None", "None"]


def test_nothing_is_added_to_a_closed_order(phone: Phone) -> None:
    FieldOrder.objects.update(reviewed_at=timezone.now())

    answer = phone.put(picture())

    assert (answer.status_code, answer.json()["code"]) == (409, "read_only")
    assert phone.now()["order"]["readOnly"] is True


def test_sites_do_not_share_keys(phone: Phone) -> None:
    other = Phone(make_token(make_site())[1])
    other.open(query=FRONT)

    assert phone.put(picture()).json()["input"] != other.put(picture()).json()["input"]
