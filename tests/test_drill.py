"""The short drill: the long one is `make drill`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.drill.cluster import NoPostgreSQL, programs_folder

ROOT = Path(__file__).resolve().parents[1]
SHORT = ["--webhooks", "60", "--seconds", "12", "--between", "1.0", "3.0", "--patience", "240"]


def drill(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.drill", *SHORT, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.embedded
def test_nothing_is_lost_or_done_twice_on_the_embedded_set_up() -> None:
    done = drill("--seed", "5", "--embedded")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.postgres
@pytest.mark.long
def test_nothing_is_lost_or_done_twice_on_postgresql() -> None:
    try:
        programs_folder()
    except NoPostgreSQL as reason:
        pytest.skip(str(reason))
    done = drill("--seed", "7")

    assert done.returncode == 0, done.stdout + done.stderr
