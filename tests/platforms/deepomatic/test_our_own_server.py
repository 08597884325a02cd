"""The client that we ask the vendor with, against the server that speaks the vendor's contract: ours."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from integrations.camera import jobs
from integrations.camera.api import waiting
from integrations.camera.engines import contract
from integrations.camera.engines.contract import Outcome, Picture, Verdict
from integrations.camera.models import AnalysisRun
from integrations.connections.models import AuthKind
from integrations.connections.services import check, open_client
from integrations.core.drain import drain
from integrations.core.errors import NotFound, PermanentError
from integrations.platforms.deepomatic.client import IMAGE, DeepomaticClient
from tests.camera.making import make_connection, picture
from tests.camera.rest.program import make_key


class Found:
    """An engine for which nothing is in order."""

    def analyse(self, photo: Picture, group: Any, *, report: Callable[[str], None]) -> Verdict:
        return Verdict(outcomes=[Outcome(task.name, False) for task in group.tasks])


@pytest.mark.django_db(transaction=True)
def test_the_client_works_with_our_own_server(
    live_server: Any, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(live_server.url).netloc]
    settings.DATA_DIR, settings.DISK_MIN_FREE_MB = tmp_path, 0
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    monkeypatch.setitem(contract._factories, "CODE", lambda _opening: Found())
    monkeypatch.setattr(waiting, "pause", lambda _seconds: drain(AnalysisRun, jobs.run_analysis))
    credentials = {"api_key": make_key()[1]}
    connection = make_connection(
        platform="deepomatic", base_url=live_server.url, auth_kind=AuthKind.PLATFORM, credentials=credentials
    )
    ours = DeepomaticClient(open_client(connection))

    assert "meter_front, meter_back" in check(connection)
    assert ours.task_group("meter_front").tasks[0].outcome_type == "Boolean"
    order = ours.create("JOB-1", metadata={"region": "North"})
    said = ours.analyze(order.id, image=IMAGE + base64.b64encode(picture()).decode(), context="meter_front")
    assert {task.name: task.analyzed for task in said.tasks} == {"seal_present": False, "clean": False}

    seal = next(task for task in ours.retrieve(order.id).tasks_of("meter_front") if task.name == "seal_present")
    corrected = ours.correct(order.id, seal.id, True)
    assert (corrected.analyzed, corrected.corrected) == (False, True)
    there = ours.retrieve(order.id)
    assert [each.context for each in there.inputs] == ["meter_front"]
    assert there.fresh(before=[], group="meter_front") == list(there.inputs)

    with pytest.raises(PermanentError):
        ours.analyze(order.id, image="data:image/jpeg;base64,AAAA", context="meter_front")
    ours.delete(order.id)
    with pytest.raises(NotFound):
        ours.retrieve(order.id)
