from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.config.making import make_full


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}


@pytest.fixture
def full(db: None) -> None:
    make_full()
