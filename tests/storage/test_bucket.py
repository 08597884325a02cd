"""Photos in a bucket: the same flows as on a disk, against a server that speaks S3."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from storages.backends.s3 import S3Storage

from integrations.camera.models import Example, FieldOrder, Input, TaskGroup, Upload
from integrations.camera.retention import _remove_orders
from integrations.camera.services import pieces, receiving, telling
from integrations.core import clock, files
from integrations.core.drain import drain
from integrations.core.files import StorageFailed
from integrations.events import sequencer
from integrations.events.models import Event
from integrations.schedules import jobs
from integrations.schedules.models import ScheduledJob
from integrations.workorders import contexts
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from tests.camera.making import make_token, picture
from tests.camera.phone import Phone
from tests.storage.conftest import SECRET, Bucket, Use

pytestmark = pytest.mark.django_db
FRONT = "task_group_name=meter_front"
PDF = b"%PDF-1.7\n" + b"x" * 2000


def begun() -> Phone:
    phone = Phone(make_token()[1])
    phone.open(query=FRONT)
    return phone


def run(job: str) -> str:
    """Run a regular job now; return its note."""
    jobs.ensure_rows()
    ScheduledJob.objects.exclude(name=job).delete()
    ScheduledJob.objects.update(due_at=clock.now() - timedelta(seconds=1))
    drain(ScheduledJob, jobs.run_job)
    return str(ScheduledJob.objects.get().note)


def test_a_photo_goes_from_the_phone_into_the_bucket_and_out_by_its_link(bucket: Bucket, client: Client) -> None:
    phone = begun()

    made = phone.take()
    phone.analyse()

    photo = Photo.objects.get()
    assert bucket.names() == {f"fieldport/{photo.file.name}", f"fieldport/{photo.thumbnail.name}"}
    full, small = client.get(photo_path(photo)), client.get(photo_path(photo, size="small"))
    assert full.content == bucket.get(f"fieldport/{photo.file.name}")
    assert small.content == bucket.get(f"fieldport/{photo.thumbnail.name}")
    assert full["Content-Disposition"] == f'inline; filename="photo-{photo.pk}.jpg"'
    assert (full["X-Content-Type-Options"], full["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )
    assert phone.photo(made)["state"] == "done"
    assert pieces.names() == [], "what was on its way is gone from the disk"


def test_nothing_leads_to_the_bucket_itself(bucket: Bucket, client: Client) -> None:
    phone = begun()
    made = phone.take()
    photo = Photo.objects.get()

    shown = (
        str(phone.photo(made)) + str(contexts.load_photo(str(photo.pk))) + str(client.get(photo_path(photo)).headers)
    )

    assert bucket.url not in shown
    assert bucket.name not in shown
    assert str(photo.file.name) not in shown


def test_the_file_of_a_photo_can_be_attached_to_a_record(bucket: Bucket) -> None:
    begun().take()
    photo = Photo.objects.get()

    name, content_type, content = contexts.photo_file(str(photo.pk))

    assert (name, content_type) == (f"photo-{photo.pk}.jpg", "image/jpeg")
    assert content == bucket.get(f"fieldport/{photo.file.name}")


def test_a_pdf_is_kept_in_the_bucket_and_served_as_an_attachment(bucket: Bucket, client: Client) -> None:
    phone = begun()
    TaskGroup.objects.update(allow_pdf=True)

    made = phone.put(PDF, content_type="application/pdf").json()["input"]

    (name,) = bucket.names()
    assert name.startswith("fieldport/documents/")
    served = client.get(phone.photo(made)["picture"])
    assert served.content == PDF
    assert served["Content-Disposition"].startswith("attachment")


STEPS = {
    "before the row": (receiving, "_insert"),
    "before the commit": (telling, "tell_of_item"),
    "after the commit": (pieces, "remove"),
}


class Killed(BaseException):
    """The process was killed here."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_loses_no_photo_and_leaves_no_row_without_its_files(
    step: str, bucket: Bucket, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = begun()
    whole = picture()
    owner, name = STEPS[step]

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(Killed):
            phone.put(whole)
    answer = phone.put(whole)

    assert answer.status_code == 201
    photo = Photo.objects.get()
    assert client.get(photo_path(photo)).status_code == 200
    assert Event.objects.filter(type="camera.input.received").count() == 1
    named = {f"fieldport/{photo.file.name}", f"fieldport/{photo.thumbnail.name}"}
    left_by_the_crash = bucket.names() - named
    assert len(left_by_the_crash) == (0 if step == "after the commit" else 2)

    monkeypatch.setattr(clock, "now", lambda: timezone.now() + timedelta(days=4))
    run("workorders.strays")

    assert bucket.names() == named


def test_orphans_of_past_days_are_swept_and_what_rows_name_is_not(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = begun()
    TaskGroup.objects.update(allow_pdf=True)
    phone.take()
    phone.put(PDF, content_type="application/pdf", key="a-document")
    Example.objects.create(
        group=TaskGroup.objects.all()[0], file=files.save("camera/examples/kept.png", b"x"), sha256=""
    )
    kept = bucket.names()
    day = f"{timezone.now():%Y-%m-%d}"
    strays = {f"fieldport/{folder}/{day}/stray" for folder in ("photos", "thumbnails", "documents")}
    for name in [*strays, "fieldport/photos/2020-01-01/old", "fieldport/camera/examples/stray.png"]:
        bucket.put(name)

    run("workorders.strays")
    run("camera.uploads")
    assert bucket.names() == kept | strays | {"fieldport/camera/examples/stray.png"}, (
        "what is young may get its row yet"
    )
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + timedelta(days=4))
    run("workorders.strays")
    run("camera.uploads")

    assert bucket.names() == kept


def test_retention_deletes_rows_and_what_is_in_the_bucket(bucket: Bucket) -> None:
    phone = begun()
    TaskGroup.objects.update(allow_pdf=True)
    phone.take()
    phone.put(PDF, content_type="application/pdf", key="a-document")
    assert len(bucket.names()) == 3

    assert _remove_orders(FieldOrder.objects.all()) == 1

    assert bucket.names() == set()
    assert (Photo.objects.count(), Input.objects.count()) == (0, 0)


# Ports from the range that nothing listens on: a connection is refused at once.
CLOSED = "http://127.0.0.1:9"


def test_a_storage_that_is_not_there_refuses_the_photo_and_takes_it_later(
    bucket: Bucket, use: Use, client: Client
) -> None:
    phone = begun()
    whole = picture()
    phone.put(whole[:1000], whole=whole)
    use(S3_ENDPOINT_URL=CLOSED)

    first, second = (phone.put(whole[1000:], whole=whole, offset=1000) for _ in range(2))

    assert [each.status_code for each in (first, second)] == [503, 503]
    assert (first.json()["code"], first["Retry-After"]) == ("storage_down", "15")
    assert not Input.objects.exists()
    assert len(pieces.names()) == 1, "what is here need not be sent again"
    use(S3_ENDPOINT_URL=bucket.url)
    files.forget()
    assert phone.head()["Upload-Offset"] == str(len(whole))
    assert phone.put(whole[-10:], whole=whole, offset=len(whole) - 10).status_code == 201
    assert (Input.objects.count(), Photo.objects.count(), Upload.objects.count()) == (1, 1, 0)
    assert client.get(photo_path(Photo.objects.get())).status_code == 200


def test_a_storage_that_goes_away_between_the_look_and_the_file_refuses_too(
    bucket: Bucket, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = begun()
    use(S3_ENDPOINT_URL=CLOSED)
    with monkeypatch.context() as patch:
        patch.setattr(files, "problem", lambda: "")
        answer = phone.put(picture())

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_down")
    assert not Input.objects.exists()
    assert not bucket.names()


def test_readyz_says_that_the_storage_is_not_there_and_when_it_is_back(
    bucket: Bucket, use: Use, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").json()["storage"]["state"] == "ok"
    use(S3_ENDPOINT_URL=CLOSED)
    assert client.get("/readyz").json()["storage"]["state"] == "ok", "it is asked every ten seconds at most"
    files.forget()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["storage"]["state"]) == (503, "down")
    assert "does not answer" in answer.json()["storage"]["note"]
    use(S3_ENDPOINT_URL=bucket.url)
    monkeypatch.setattr(files, "REMEMBERED_SECONDS", 0.0)
    files.forget()
    assert client.get("/readyz").json()["storage"]["state"] == "ok"


def test_readyz_says_that_there_is_no_such_bucket(bucket: Bucket, use: Use, client: Client) -> None:
    use(S3_BUCKET="another")

    assert client.get("/readyz").json()["storage"]["state"] == "down"


def test_links_answer_503_while_the_storage_is_away_and_the_picture_afterwards(
    bucket: Bucket, use: Use, client: Client
) -> None:
    begun().take()
    link = photo_path(Photo.objects.get())
    use(S3_ENDPOINT_URL=CLOSED)

    answer = client.get(link)

    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "15", "no-store")
    assert CLOSED not in answer.content.decode()
    use(S3_ENDPOINT_URL=bucket.url)
    assert client.get(link).status_code == 200


def test_an_analysis_waits_for_the_storage(bucket: Bucket, use: Use) -> None:
    phone = begun()
    made = phone.take()
    use(S3_ENDPOINT_URL=CLOSED)

    phone.analyse()

    run_row = Input.objects.get().analyses.get().run
    assert (run_row.state, run_row.note[:32]) == ("DUE", "The storage of photos does not a")
    use(S3_ENDPOINT_URL=bucket.url)
    type(run_row).objects.update(due_at=clock.now() - timedelta(seconds=1))
    phone.analyse()
    assert phone.photo(made)["state"] == "done"


def test_a_file_that_cannot_be_read_just_now_is_not_taken_for_a_file_that_is_gone(bucket: Bucket, use: Use) -> None:
    begun().take()
    photo = Photo.objects.get()
    use(S3_ENDPOINT_URL=CLOSED)

    with pytest.raises(StorageFailed):
        contexts.photo_file(str(photo.pk))
    assert not issubclass(StorageFailed, OSError), "which a write would take for a file that is gone"


def test_retention_goes_on_with_other_kinds_while_the_storage_is_away(bucket: Bucket, use: Use) -> None:
    begun().take()
    Photo.objects.update(created_at=timezone.now() - timedelta(days=800))
    sequencer.sequence_all()
    Event.objects.update(created_at=timezone.now() - timedelta(days=4000))
    use(S3_ENDPOINT_URL=CLOSED)

    note = run("retention")

    assert "does not answer" in note
    assert not Event.objects.exists()


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, however detailed."""
    for name in ("", "boto3", "botocore", "s3transfer", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def test_no_credential_is_logged_or_shown(
    bucket: Bucket, use: Use, client: Client, loud: pytest.LogCaptureFixture
) -> None:
    phone = begun()
    phone.take()
    use(S3_ENDPOINT_URL=CLOSED)
    files.forget()

    answers = [phone.put(picture("blue")), client.get("/readyz"), client.get(photo_path(Photo.objects.get()))]

    assert "PutObject" in loud.text, "the library was heard"
    assert SECRET not in loud.text
    assert not any(SECRET in each.content.decode() for each in answers)


def test_files_are_written_before_the_transaction_that_names_them(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    save: Callable[..., str] = S3Storage.save

    def noting(*given: Any, **named: Any) -> str:
        seen.append(len(connection.savepoint_ids) > outside)
        return save(*given, **named)

    phone, outside = begun(), len(connection.savepoint_ids)
    monkeypatch.setattr(S3Storage, "save", noting)
    phone.take()

    assert seen == [False, False]
