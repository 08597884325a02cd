from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from integrations.camera.engines import contract
from integrations.camera.engines.contract import GroupFacts, Outcome, Picture, Report, Verdict


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.DISK_MIN_FREE_MB = 0
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture(autouse=True)
def _nobody_guessed() -> Iterator[None]:
    yield
    cache.clear()


@dataclass
class Said:
    """An engine whose verdict the test decides. `raises`: instead of a verdict, once."""

    verdict: Verdict = field(default_factory=Verdict)
    raises: list[Exception] = field(default_factory=list)
    seen: list[tuple[Picture, GroupFacts]] = field(default_factory=list)

    def values(self, **values: bool | str | float | None) -> None:
        self.verdict = Verdict(outcomes=[Outcome(task, value) for task, value in values.items()])

    def analyse(self, photo: Picture, group: GroupFacts, *, report: Report) -> Verdict:
        report("deciding")
        self.seen.append((photo, group))
        if self.raises:
            raise self.raises.pop(0)
        return self.verdict


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Said:
    """The engine of the groups that the tests make; it finds everything in order."""
    said = Said()
    said.values(seal_present=True, clean=True, closed=True)
    monkeypatch.setitem(contract._factories, "CODE", lambda _opening: said)
    return said


@pytest.fixture
def conformity(monkeypatch: pytest.MonkeyPatch) -> Said:
    """The conformity checks, of groups that have some."""
    said = Said()
    monkeypatch.setitem(contract._factories, contract.CONFORMITY, lambda _opening: said)
    return said
