"""A bucket: addresses are signed here, and the files go through the one outbound door as any other request."""

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from integrations.core.errors import PermanentError
from integrations.core.http import OutboundClient
from integrations.stores.models import DataStore

SIGNED_SECONDS = 300
SEND_SECONDS = 45.0  # of a lease of 60


class Bucket:
    def __init__(self, store: DataStore) -> None:
        self._store = store
        self._client = boto3.client(
            "s3",
            region_name=store.region or "us-east-1",
            endpoint_url=store.endpoint_url or None,
            aws_access_key_id=store.access_key_id,
            aws_secret_access_key=store.secret("secret_access_key"),
            config=Config(signature_version="s3v4", s3={"addressing_style": "path" if store.endpoint_url else "auto"}),
        )

    def describe(self) -> str:
        return f"s3://{self._store.bucket}/{self._key('')}"

    def put(self, path: str, data: bytes) -> None:
        """:raises FieldportError: as `core.http` does"""
        url = self._signed(self._key(path))
        parts = urlsplit(url)
        door = OutboundClient(base_url=f"{parts.scheme}://{parts.netloc}", timeout=SEND_SECONDS)
        # Putting the same file twice is putting it once, so it may be tried again.
        door.request("PUT", url, data=data, headers={"Content-Type": "application/octet-stream"}, effect=True)

    def _key(self, path: str) -> str:
        parts = [self._store.prefix.strip("/"), self._store.dataset, path]
        return "/".join(part for part in parts if part)

    def _signed(self, key: str) -> str:
        values: dict[str, Any] = {"Bucket": self._store.bucket, "Key": key, "ContentType": "application/octet-stream"}
        try:
            url: str = self._client.generate_presigned_url("put_object", Params=values, ExpiresIn=SIGNED_SECONDS)
        except Exception as error:  # botocore's own kinds: a bucket that cannot be called so, no key
            raise PermanentError(f"The address in the bucket cannot be made: {error}") from error
        return url
