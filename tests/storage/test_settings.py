"""What the variables of the storage mean, and what is refused at the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import BASE_DIR
from tests.storage.conftest import S3, SECRET, Use


def test_the_local_disk_is_the_default(use: Use, tmp_path: Path) -> None:
    made = use()

    assert made["default"]["BACKEND"] == "django.core.files.storage.FileSystemStorage"
    assert made["default"]["OPTIONS"]["location"] == tmp_path / "media"
    assert "s3" not in made


def test_both_are_there_by_name_while_files_are_moved(use: Use) -> None:
    made = use(STORAGE="disk", S3_BUCKET="photos", **S3)

    assert made["default"] == made["disk"]
    assert made["s3"]["OPTIONS"]["bucket_name"] == "photos"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"STORAGE": "ftp"}, "must be disk or s3"),
        ({"STORAGE": "s3"}, "S3_BUCKET must name"),
        ({"STORAGE": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "a"}, "go together"),
        ({"STORAGE": "s3", "S3_BUCKET": "b", "S3_SECRET_ACCESS_KEY": SECRET}, "go together"),
        ({"S3_ADDRESSING_STYLE": "sideways"}, "auto, path or virtual"),
    ],
)
def test_what_makes_no_sense_stops_the_start(use: Use, variables: dict[str, str], told: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=told) as refused:
        use(**variables)

    assert SECRET not in str(refused.value)


def test_the_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    given = {"STORAGE": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY_FILE": str(path)}
    show = "from portal.settings.storage import *; print(storages(__import__('pathlib').Path('/'))['default'])"

    said = subprocess.run(
        [sys.executable, "-c", show],
        env={"PATH": os.environ["PATH"], "ENV_FILE": ""} | given,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"'secret_key': '{SECRET}'" in said


def test_a_configuration_file_cannot_read_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", SECRET)

    with pytest.raises(Exception, match="S3_SECRET_ACCESS_KEY") as refused:
        settings.CONFIG_REFERENCES["env"]("S3_SECRET_ACCESS_KEY")

    assert SECRET not in str(refused.value)
