"""The page about the API says what is so: its commands run as written."""

import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.camera.models import FieldOrder, TaskOutcome
from tests.camera.conftest import Said
from tests.camera.making import picture
from tests.camera.rest.program import make_key

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "camera-rest.md").read_text()
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_run_as_written(
    live_server: Any, engine: Said, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture())
    named = {"FIELDPORT": live_server.url, "KEY": make_key()[1], "TMPDIR": str(tmp_path)}
    named["PHOTO"], named["ZIP"] = str(tmp_path / "photo.jpg"), str(tmp_path / "jobs.zip")
    settings.PUBLIC_URL = live_server.url
    with zipfile.ZipFile(named["ZIP"], "w") as archive:
        archive.write(named["PHOTO"], "JOB-7/meter_front-1.jpg")

    shell = ["bash", "-euc", COMMANDS]
    done = subprocess.run(shell, env=os.environ | named, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert '"status":"processing"' in done.stdout.replace(" ", "")
    assert FieldOrder.objects.get().deleted_at is not None
    assert TaskOutcome.objects.get(corrected_value=False).analyzed_value is True
