"""A server that speaks S3 on a real socket, and the settings that lead to it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from portal.settings import storage

SECRET = "wJalrXUtnFEMI-the-secret"
S3 = {"S3_PREFIX": "fieldport", "S3_ACCESS_KEY_ID": "AKIAEXAMPLE", "S3_SECRET_ACCESS_KEY": SECRET}
Use = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of the server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Use:
    """Set the variables of the storage, and use what the settings make of them."""

    def set_up(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setattr(storage, name, value)
        settings.DATA_DIR = tmp_path
        settings.DISK_MIN_FREE_MB = 0
        settings.STORAGES = settings.STORAGES | storage.storages(tmp_path)
        found: dict[str, Any] = settings.STORAGES
        return found

    return set_up


class Bucket:
    """A bucket, seen from outside."""

    def __init__(self, url: str) -> None:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1"}
        self.url, self.name = url, f"photos-{uuid4().hex}"
        self._made = boto3.resource("s3", endpoint_url=url, **keys).create_bucket(Bucket=self.name)

    def names(self) -> set[str]:
        return {each.key for each in self._made.objects.all()}

    def put(self, name: str, content: bytes = b"x") -> None:
        self._made.put_object(Key=name, Body=content)

    def get(self, name: str) -> bytes:
        content: bytes = self._made.Object(name).get()["Body"].read()
        return content


@pytest.fixture
def empty_bucket(s3_server: str) -> Bucket:
    return Bucket(s3_server)


@pytest.fixture
def bucket(empty_bucket: Bucket, use: Use) -> Bucket:
    """A new bucket that all files are kept in."""
    use(STORAGE="s3", S3_BUCKET=empty_bucket.name, S3_ENDPOINT_URL=empty_bucket.url, **S3)
    return empty_bucket
