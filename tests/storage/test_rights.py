"""The rights that the step-by-step guide names are enough, and no more than are needed."""

import json
import re
from pathlib import Path

import boto3
import moto.settings
import pytest
from django.test import Client

from integrations.camera.models import FieldOrder
from integrations.camera.retention import _remove_orders
from integrations.core import files
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from tests.camera.making import picture
from tests.storage.conftest import S3, Bucket, Use
from tests.storage.test_bucket import begun

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs/photos.md"
NAMED = re.findall(r"`(s3:\w+)`", PAGE.read_text())


def user(bucket: Bucket, rights: list[str]) -> dict[str, str]:
    """Return the keys of a new user with these rights to the bucket."""
    iam = boto3.client(
        "iam", endpoint_url=bucket.url, aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1"
    )
    whole = f"arn:aws:s3:::{bucket.name}"
    statements = [
        {"Effect": "Allow", "Action": each, "Resource": whole if each == "s3:ListBucket" else f"{whole}/*"}
        for each in rights
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.create_user(UserName=bucket.name)
    iam.put_user_policy(UserName=bucket.name, PolicyName="photos", PolicyDocument=json.dumps(policy))
    made = iam.create_access_key(UserName=bucket.name)["AccessKey"]
    return {"S3_ACCESS_KEY_ID": made["AccessKeyId"], "S3_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


def used(bucket: Bucket, use: Use, monkeypatch: pytest.MonkeyPatch, rights: list[str]) -> None:
    """Keep files in the bucket as a user with these rights; from here on the server asks for them."""
    keys = S3 | user(bucket, rights)
    use(STORAGE="s3", S3_BUCKET=bucket.name, S3_ENDPOINT_URL=bucket.url, **keys)
    monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)


def test_the_rights_of_the_guide_are_enough_for_everything(
    empty_bucket: Bucket, use: Use, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(NAMED) == 4
    used(empty_bucket, use, monkeypatch, NAMED)

    begun().take()

    photo = Photo.objects.get()
    assert client.get("/readyz").json()["storage"]["state"] == "ok"
    assert client.get(photo_path(photo)).status_code == 200
    assert files.names(str(photo.file.name).rpartition("/")[0]) == [str(photo.file.name)]
    _remove_orders(FieldOrder.objects.all())
    with pytest.raises(FileNotFoundError):
        files.read(str(photo.file.name))


def test_without_the_right_to_write_the_photo_is_refused_and_kept_by_the_phone(
    empty_bucket: Bucket, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(empty_bucket, use, monkeypatch, [each for each in NAMED if each != "s3:PutObject"])
    phone = begun()

    refused = phone.put(picture())

    assert (refused.status_code, refused.json()["code"]) == (503, "storage_down")
    assert (Photo.objects.count(), files.names("photos"), files.names("thumbnails")) == (0, [], [])
