"""A new database is the same whether its tables are made from the models or by the migrations (ADR 19)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.bench.processes import KEYS, database
from tests.portal.installation import ROOT

WAYS = ("models", "interrupted", "migrations")


def made(how: str, url: str, folder: Path) -> Any:
    """Return what is in a new database that was made so."""
    variables = KEYS | {"DATABASE_URL": url, "DATA_DIR": str(folder), "ENV_FILE": ""}
    env = os.environ | variables | {"DJANGO_SETTINGS_MODULE": "portal.settings.local"}
    command = [sys.executable, "-m", "tests.portal.schema", how]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same(left: Any, right: Any) -> bool:
    assert left.keys() == right.keys()
    differing = {name: sorted(set(left[name]) ^ set(right[name])) for name in left if left[name] != right[name]}
    assert differing == {}
    return True


@pytest.mark.embedded
def test_sqlite_gets_the_same_tables_each_way(tmp_path: Path) -> None:
    models, interrupted, migrations = (made(way, f"sqlite:///{tmp_path / way}.sqlite3", tmp_path) for way in WAYS)

    assert len(models) > 150
    assert same(models, migrations)
    assert same(interrupted, migrations)


@pytest.mark.postgres
@pytest.mark.long
def test_postgresql_gets_the_same_tables_each_way(tmp_path: Path) -> None:
    found = []
    for way in WAYS:
        with database(f"{settings.DATABASES['default']['NAME']}_{way}") as url:
            found.append(made(way, url, tmp_path))
    models, interrupted, migrations = found

    assert len(models["columns"]) > 1000
    assert same(models, migrations)
    assert same(interrupted, migrations)
