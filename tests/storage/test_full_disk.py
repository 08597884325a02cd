"""A disk that is really full: a small file system of its own, filled to the last block."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.camera import disk
from integrations.camera.models import Input, Upload
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from tests.camera.making import make_token
from tests.camera.phone import Phone
from tests.storage.conftest import Use

pytestmark = pytest.mark.django_db
SIZE = 4 * 1024 * 1024


@dataclass
class SmallDisk:
    path: Path

    def fill(self) -> None:
        with open(self.path / "filler", "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                return

    def files(self) -> set[str]:
        return {path.name for path in self.path.rglob("*") if path.is_file()}

    def make_room(self) -> None:
        (self.path / "filler").unlink()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    """A file system of 4 MB."""
    path = tmp_path / "small"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root may mount the small file system that is filled here (and not in every container)")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def photo() -> bytes:
    out = BytesIO()
    Image.effect_noise((700, 500), 80).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def begun() -> Phone:
    phone = Phone(make_token()[1])
    phone.open(query="task_group_name=meter_front")
    return phone


def test_pieces_that_find_no_room_are_refused_and_sent_later(small: SmallDisk, use: Use, settings: Settings) -> None:
    use()
    settings.DATA_DIR = small.path
    phone, whole = begun(), photo()
    assert phone.put(whole[:20_000], whole=whole).status_code == 200
    small.fill()

    refused = phone.put(whole[20_000:], whole=whole, offset=20_000)

    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (507, "disk_full", "15")
    assert phone.head()["Upload-Offset"] == "20000", "what was acknowledged is there"
    assert Upload.objects.get().received == 20_000
    small.make_room()
    assert phone.put(whole[20_000:], whole=whole, offset=20_000).status_code == 201
    assert (Input.objects.count(), Photo.objects.count()) == (1, 1)


def test_a_photo_that_finds_no_room_among_the_others_leaves_no_row_and_is_sent_later(
    small: SmallDisk, use: Use, client: Client, settings: Settings, tmp_path: Path
) -> None:
    use()
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": small.path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    phone, whole = begun(), photo()
    small.fill()

    refused = phone.put(whole)

    assert (refused.status_code, refused.json()["code"]) == (507, "disk_full")
    assert (Input.objects.count(), Photo.objects.count()) == (0, 0)
    assert small.files() == {"filler"}, "nothing is half written"
    small.make_room()
    assert phone.put(whole[-10:], whole=whole, offset=len(whole) - 10).status_code == 201, "no piece is sent again"
    assert client.get(photo_path(Photo.objects.get())).status_code == 200


def test_readyz_says_so_before_the_disk_is_full_and_takes_it_back(
    small: SmallDisk, use: Use, client: Client, settings: Settings
) -> None:
    use()
    settings.DATA_DIR, settings.DISK_MIN_FREE_MB = small.path, 1
    assert client.get("/readyz").json()["disk"]["state"] == "ok"
    small.fill()

    full = client.get("/readyz")

    assert (full.status_code, full.json()["disk"]["state"]) == (503, "down")
    assert full.json()["disk"]["note"].startswith("0 MB are left")
    assert begun().put(photo()).status_code == 507
    small.make_room()
    assert client.get("/readyz").json()["disk"]["state"] == "ok"


def test_a_database_file_on_a_full_disk_is_known_by_its_error(small: SmallDisk) -> None:
    database = sqlite3.connect(small.path / "database")
    database.execute("CREATE TABLE kept (what BLOB)")
    database.commit()
    small.fill()

    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO kept VALUES (?)", [b"x" * 10_000_000])

    assert disk.is_full(full.value)
    assert not disk.is_full(sqlite3.OperationalError("database is locked"))
    database.close()
