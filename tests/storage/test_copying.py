"""From disk to bucket and back, stopped in the middle and started again."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings
from storages.backends.s3 import S3Storage

from integrations.core import files
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from tests.camera.making import make_token
from tests.camera.phone import Phone
from tests.storage.conftest import S3, Bucket, Use


def copy(source: str, target: str) -> str:
    out = StringIO()
    call_command("copy_files", source, target, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue().strip()


@pytest.fixture
def both(empty_bucket: Bucket, use: Use) -> Bucket:
    """Files are kept on the disk, and the bucket is set up."""
    use(STORAGE="disk", S3_BUCKET=empty_bucket.name, S3_ENDPOINT_URL=empty_bucket.url, **S3)
    return empty_bucket


def fill() -> dict[str, bytes]:
    """Keep some files; return them as the bucket is to name them."""
    made = {
        f"{folder}/2026-03-0{day}/{name}.jpg": f"{folder} {day} {name}".encode()
        for folder in ("photos", "thumbnails")
        for day in (1, 2)
        for name in ("a", "b")
    } | {"camera/examples/x.png": b"example", "documents/2026-03-01/y.pdf": b"%PDF-"}
    for name, content in made.items():
        assert files.save(name, content) == name
    return {f"fieldport/{name}": content for name, content in made.items()}


def test_everything_is_copied_once(both: Bucket) -> None:
    made = fill()

    first, second = copy("disk", "s3"), copy("disk", "s3")

    assert {name: both.get(name) for name in both.names()} == made
    assert (first, second) == ("10 copied, 0 there before", "0 copied, 10 there before")


def test_it_goes_on_where_it_was_stopped(both: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fill()
    save, count = S3Storage.save, 0

    def stopped(*given: Any, **named: Any) -> str:
        nonlocal count
        count += 1
        if count > 4:
            raise KeyboardInterrupt
        return str(save(*given, **named))

    with monkeypatch.context() as patch:
        patch.setattr(S3Storage, "save", stopped)
        with pytest.raises(KeyboardInterrupt):
            copy("disk", "s3")

    assert len(both.names()) == 4
    assert copy("disk", "s3") == "6 copied, 4 there before"
    assert {name: both.get(name) for name in both.names()} == made


def test_half_a_file_on_the_disk_is_replaced(both: Bucket, settings: Settings) -> None:
    both.put("fieldport/photos/2026-03-01/a.jpg", b"the whole photo")
    files.save("photos/2026-03-01/a.jpg", b"the who")

    assert copy("s3", "disk") == "1 copied, 0 there before"

    assert files.read("photos/2026-03-01/a.jpg") == b"the whole photo"
    assert files.names("photos/2026-03-01") == ["photos/2026-03-01/a.jpg"]


def test_a_storage_that_is_not_there_stops_it_with_a_sentence(both: Bucket, use: Use) -> None:
    fill()
    use(S3_ENDPOINT_URL="http://127.0.0.1:9")

    with pytest.raises(CommandError, match="Run it again to go on"):
        copy("disk", "s3")

    assert both.names() == set()


@pytest.mark.parametrize(("source", "target"), [("disk", "disk"), ("s3", "s3"), ("disk", "ftp")])
def test_what_makes_no_sense_is_refused(both: Bucket, source: str, target: str) -> None:
    fill()

    with pytest.raises(CommandError):
        copy(source, target)
    assert both.names() == set()


def test_a_bucket_that_is_not_set_up_is_named(use: Use) -> None:
    use()

    with pytest.raises(CommandError, match="S3_BUCKET"):
        copy("disk", "s3")


@pytest.mark.django_db
def test_photos_taken_before_during_and_after_the_move_are_all_there(both: Bucket, use: Use, client: Client) -> None:
    phone = Phone(make_token()[1])
    phone.open(query="task_group_name=meter_front")
    phone.take()
    copy("disk", "s3")
    phone.take()
    use(STORAGE="s3")
    phone.take()

    copy("disk", "s3")

    links = [photo_path(photo, size=size) for photo in Photo.objects.all() for size in ("full", "small")]
    assert [client.get(link).status_code for link in links] == [200] * 6
