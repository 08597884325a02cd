"""SIGKILL, for real: a worker in a process of its own is killed in mid-import and in mid-load; another goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from integrations.core import clock
from integrations.core.drain import drain
from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.platforms.worklink import importing
from integrations.platforms.worklink.models import ImportJob, ScenarioSession
from integrations.stores import asking
from integrations.stores.models import DataStore, StoreKind, StoreLoad
from tests.platforms.worklink.conftest import make_worklink
from tests.simulators.running import RunningWorkLink
from tests.stores.conftest import _duck, worked
from tests.stores.making import make_sessions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]

WORKER = """
import django; django.setup()
from integrations.core import wake; wake._send = lambda task, countdown: None; wake.awake = lambda task: None
from integrations.core.drain import drain
from integrations.platforms.worklink import importing
from integrations.platforms.worklink.models import ImportJob
from integrations.stores import loading, reading
from integrations.stores.models import StoreLoad
reading.portion.__kwdefaults__["most"] = 20
while True:
    drain(ImportJob, importing.run); drain(StoreLoad, loading.run)
"""


def killed_when(far_enough: Callable[[], bool], **env: str) -> None:
    """Let a worker work until it is so far, then kill it where it is."""
    server = connection.settings_dict
    url = f"sqlite:///{server['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{server['USER']}@{server['HOST']}:{server['PORT'] or 5432}/{server['NAME']}"
    env |= {"PYTEST_DATABASE_URL": url, "OUTBOUND_ALLOW": ",".join(configured.OUTBOUND_ALLOW)}
    env |= {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "STORES_DIR": str(configured.STORES_DIR)}
    with subprocess.Popen([sys.executable, "-c", WORKER], env={**os.environ, **env}) as worker:
        ends = time.monotonic() + 120
        while not far_enough() and time.monotonic() < ends and worker.poll() is None:
            time.sleep(0.02)
        assert worker.poll() is None
        worker.send_signal(signal.SIGKILL)


def test_an_import_whose_worker_is_killed_loses_and_doubles_nothing(cms: RunningWorkLink) -> None:
    cms.control.set_settings(generated_sessions=200)
    connection = make_worklink(cms.url, settings={"system": "", "page_size": 10})
    job = ImportJob.objects.create(connection=connection)

    killed_when(lambda: ImportJob.objects.get(pk=job.pk).pages >= 3)

    half = ImportJob.objects.get(pk=job.pk)
    assert (half.state, half.seen < 200) == (WorkState.RUNNING, True)
    ImportJob.objects.update(due_at=clock.now() - timedelta(seconds=1))
    while drain(ImportJob, importing.run):
        pass
    whole = ImportJob.objects.get(pk=job.pk)
    assert (whole.state, whole.pages, whole.seen) == (WorkState.DONE, 20, 200)
    assert ScenarioSession.objects.count() == 200
    assert not ScenarioSession.objects.exclude(generation=1).exists()
    assert not Event.objects.exists()  # without a system of record nothing is joined


def test_a_load_whose_worker_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    make_sessions(200)
    store = DataStore.objects.create(name="Files", slug="files", kind=StoreKind.PARQUET)
    load = asking.start(store)
    StoreLoad.objects.update(until_row=clock.now())

    killed_when(lambda: StoreLoad.objects.get(pk=load.pk).loaded >= 40)

    assert StoreLoad.objects.get(pk=load.pk).state == WorkState.RUNNING
    StoreLoad.objects.update(due_at=clock.now() - timedelta(seconds=1))
    whole = worked(load)
    assert (whole.state, whole.loaded) == (WorkState.DONE, 200)
    pattern = f"read_parquet('{tmp_path}/stores/files/fieldport/{{}}/*.parquet')"
    counts = "SELECT COUNT(*), COUNT(DISTINCT session_id) FROM {sessions}"
    assert _duck(":memory:", counts, pattern) == [(200, 200)]
    assert not list((tmp_path / "stores").rglob(".*.new"))
