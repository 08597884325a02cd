"""Stores of each kind, on the disk and on real servers, and what they hold."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import duckdb
import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection
from pytest_django.fixtures import Settings

from integrations.core import clock
from integrations.core.drain import drain
from integrations.stores import asking, loading
from integrations.stores.models import DataStore, StoreKind, StoreLoad
from tests.storage.conftest import s3_server  # noqa: F401  a fixture

Ask = Callable[[str], list[tuple[Any, ...]]]


class Held:
    """A store, and how to ask what it holds: `{sessions}` in a question is the table of that name."""

    def __init__(self, store: DataStore, ask: Ask) -> None:
        self.store, self.ask = store, ask

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT COUNT(*) FROM {{{table}}}")[0][0])


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.STORES_DIR = tmp_path, tmp_path / "stores"


def loaded(store: DataStore, **values: Any) -> StoreLoad:
    """A load, done; what was stored this moment counts as settled."""
    load = asking.start(store, **values)
    StoreLoad.objects.filter(pk=load.pk).update(until_row=clock.now())
    return worked(load)


def worked(load: StoreLoad) -> StoreLoad:
    """Let a worker do it, in as many runs as it takes on a busy machine."""
    while drain(StoreLoad, loading.run):
        pass
    return StoreLoad.objects.get(pk=load.pk)


@pytest.fixture
def duck(db: None, tmp_path: Path) -> Held:
    store = DataStore.objects.create(name="Duck", slug="duck", kind=StoreKind.DUCKDB)
    return Held(store, lambda text: _duck(str(tmp_path / "stores/duck/duck.duckdb"), text, "fieldport.{}"))


@pytest.fixture
def parquet(db: None, tmp_path: Path) -> Held:
    store = DataStore.objects.create(name="Files", slug="files", kind=StoreKind.PARQUET)
    pattern = f"read_parquet('{tmp_path}/stores/files/fieldport/{{}}/*.parquet')"
    return Held(store, lambda text: _duck(":memory:", text, pattern))


@pytest.fixture
def s3(db: None, s3_server: str, settings: Settings, tmp_path: Path) -> Held:  # noqa: F811
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, urlsplit(s3_server).netloc]
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1"}
    bucket = boto3.resource("s3", endpoint_url=s3_server, **keys).create_bucket(Bucket=f"store-{uuid4().hex[:8]}")
    store = DataStore.objects.create(
        name="Bucket",
        slug="bucket",
        kind=StoreKind.S3,
        bucket=bucket.name,
        prefix="data/",
        endpoint_url=s3_server,
        access_key_id="AKIAEXAMPLE",
        secrets={"secret_access_key": "the-secret"},
    )

    def ask(text: str) -> list[tuple[Any, ...]]:
        for each in bucket.objects.all():
            path = tmp_path / "read" / each.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(each.get()["Body"].read())
        return _duck(":memory:", text, f"read_parquet('{tmp_path}/read/data/fieldport/{{}}/*.parquet')")

    return Held(store, ask)


def _duck(path: str, text: str, pattern: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=path != ":memory:") as opened:
        opened.execute("SET TimeZone = 'UTC'")
        return list(opened.execute(_told(text, pattern)).fetchall())


def _told(text: str, pattern: str) -> str:
    names = ("sessions", "session_steps", "form_answers", "photos", "calls", "call_participants", "jobs", "runs")
    return text.format(**{name: pattern.format(name) for name in names})


@pytest.fixture
def postgres(db: None, settings: Settings) -> Iterator[Held]:
    """A schema of the server that the tests run on."""
    server = connection.settings_dict
    host, port = server["HOST"], int(server["PORT"] or 5432)
    settings.OUTBOUND_ALLOW = [*configured.OUTBOUND_ALLOW, f"{host}:{port}"]
    dataset = f"store_{uuid4().hex[:8]}"
    store = DataStore.objects.create(
        name="Warehouse",
        slug="warehouse",
        kind=StoreKind.POSTGRESQL,
        dataset=dataset,
        host=host,
        port=port,
        database=server["NAME"],
        username=server["USER"],
        tls="disable",
        secrets={"password": server["PASSWORD"] or "none-is-asked-for"},
    )
    login = {"host": host, "port": port, "dbname": server["NAME"], "user": server["USER"]}
    with psycopg.connect(**login, password=server["PASSWORD"] or None, autocommit=True) as opened:

        def ask(text: str) -> list[tuple[Any, ...]]:
            return list(opened.execute(_told(text, f"{dataset}.{{}}")).fetchall())

        yield Held(store, ask)
        opened.execute(f"DROP SCHEMA IF EXISTS {dataset} CASCADE")
        opened.execute(f"DROP SCHEMA IF EXISTS {dataset}_staging CASCADE")


@pytest.fixture(
    params=["duck", "parquet", "s3", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def held(request: pytest.FixtureRequest, db: None) -> Held:
    """A store of each kind in turn."""
    found: Held = request.getfixturevalue(request.param)
    return found
