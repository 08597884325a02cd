"""The page about the API says what is so: its commands run as written, its scopes and codes are ours."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from integrations.connections.scopes import registered
from integrations.sync.models import RecordWrite, WriteState
from tests.api.calling import all_scopes, bearer
from tests.desk.rows import make_everything

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text()
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_run_as_written(live_server: Any) -> None:
    rows = make_everything(1)
    unsure = make_everything(2)["write"]
    RecordWrite.objects.filter(pk=unsure.pk).update(state=WriteState.UNSURE)
    named = {"ORDER": "order", "FACT": "join", "WRITE": "write", "REPLAY": "replay", "DELIVERY": "delivery"}
    values = {name: str(rows[row].pk) for name, row in named.items()}
    values |= {"UNSURE": str(unsure.pk), "SENDER": rows["connection"].slug, "SCRIPT": rows["script"].slug}
    values |= {"RUN": str(rows["runs"]["failed"].pk), "ENDED": str(rows["runs"]["done"].pk)}
    token = bearer(*all_scopes())["Authorization"].removeprefix("Bearer ")
    environment = os.environ | values | {"FIELDPORT": live_server.url, "TOKEN": token}

    shell = ["bash", "-euc", COMMANDS]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count('"results":') == 9
    assert RecordWrite.objects.get(pk=unsure.pk).state == WriteState.DONE


def test_every_scope_is_explained() -> None:
    explained = re.findall(r"`([a-z]+:[a-z]+)`", PAGE.partition("## Lists")[0])

    assert set(explained) == {scope for scope, _ in registered()}


def test_every_code_of_ours_is_listed() -> None:
    sources = [path.read_text() for path in (ROOT / "integrations").rglob("*.py") if "api" in path.parts]
    raised = set(re.findall(r'code="([a-z_]+)"', "\n".join(sources)))

    listed = set(re.findall(r"`([a-z_]+)`", PAGE.partition("## Refusals")[2].partition("## Adding")[0]))

    assert raised - listed == set()
