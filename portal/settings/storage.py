"""Where the photos are: below DATA_DIR, or in an S3 bucket."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import env

STORAGE = env.str("STORAGE", default="disk")
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_PREFIX = env.str("S3_PREFIX", default="").strip("/")
S3_REGION = env.str("S3_REGION", default="us-east-1")
# Empty: Amazon's. Others name theirs: https://minio.internal:9000
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
S3_ADDRESSING_STYLE = env.str("S3_ADDRESSING_STYLE", default="auto")
S3_ACCESS_KEY_ID = env.str("S3_ACCESS_KEY_ID", default="")
S3_SECRET_ACCESS_KEY = env.str("S3_SECRET_ACCESS_KEY", default="")


def storages(data_dir: Path) -> dict[str, Any]:
    """Return Django's STORAGES for files: `default`, and by name each that is set up, to copy from one to the other."""
    _check()
    named = {"disk": _disk(data_dir)} | ({"s3": _s3()} if S3_BUCKET else {})
    return named | {"default": named[STORAGE]}


def _check() -> None:
    """:raises ImproperlyConfigured:"""
    if STORAGE not in ("disk", "s3"):
        raise ImproperlyConfigured(f"STORAGE is {STORAGE!r}; it must be disk or s3.")
    if STORAGE == "s3" and not S3_BUCKET:
        raise ImproperlyConfigured("STORAGE is s3; S3_BUCKET must name the bucket.")
    if bool(S3_ACCESS_KEY_ID) != bool(S3_SECRET_ACCESS_KEY):
        raise ImproperlyConfigured(
            "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together; leave both out to use the machine's own role."
        )
    if S3_ADDRESSING_STYLE not in ("auto", "path", "virtual"):
        raise ImproperlyConfigured(f"S3_ADDRESSING_STYLE is {S3_ADDRESSING_STYLE!r}; it must be auto, path or virtual.")


def _disk(data_dir: Path) -> dict[str, Any]:
    options = {"location": data_dir / "media", "base_url": None}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def _s3() -> dict[str, Any]:
    from botocore.config import Config  # noqa: PLC0415  half a second, which the disk need not wait for

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": S3_ADDRESSING_STYLE},
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 2},
        # Several other makers' servers do not know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    options = {
        "bucket_name": S3_BUCKET,
        "location": S3_PREFIX,
        "region_name": S3_REGION,
        "endpoint_url": S3_ENDPOINT_URL or None,
        "access_key": S3_ACCESS_KEY_ID or None,
        "secret_key": S3_SECRET_ACCESS_KEY or None,
        "client_config": config,
        "default_acl": None,
        # Names are random: asking whether one is taken would be a request for nothing.
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
