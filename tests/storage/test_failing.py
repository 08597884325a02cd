"""A storage that hangs, refuses or breaks, and what each door to it says: nothing is lost or half written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from integrations.camera import jobs
from integrations.camera.api import waiting
from integrations.camera.models import BatchRun, CatalogueVersion, Example, Input, Site, TaskGroup
from integrations.core import clock, files
from integrations.core.config.applying import apply
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.reading import read_file
from integrations.core.drain import drain
from integrations.workorders.links import photo_path
from integrations.workorders.models import Photo
from tests.camera.making import picture
from tests.camera.rest.program import Program, make_key
from tests.camera.rest.test_batches import archive, send
from tests.camera.test_admin_catalogue import filled, make_draft
from tests.config.test_camera import with_groups
from tests.core.local_servers import Reply, Seen, serving
from tests.storage.conftest import SECRET, Bucket, Use
from tests.storage.test_bucket import CLOSED, begun

pytestmark = pytest.mark.django_db
REFUSED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@contextmanager
def bad(kind: str) -> Iterator[str]:
    """A storage that hangs, or answers everything with a status."""

    def answer(_seen: Seen) -> Reply:
        if kind == "hangs":
            time.sleep(1)  # longer than it is waited for
        return Reply(500 if kind == "hangs" else int(kind), REFUSED, {"Content-Type": "application/xml"})

    with serving(answer) as server:
        yield server.url


def impatient(use: Use, url: str) -> None:
    """Use the storage at this address, with a short patience."""
    options = use(S3_ENDPOINT_URL=url)["default"]["OPTIONS"]
    options["client_config"] = options["client_config"].merge(
        Config(read_timeout=0.3, retries={"total_max_attempts": 1})
    )
    files.forget()


@pytest.mark.parametrize("kind", ["hangs", "403", "500"])
def test_a_storage_that_hangs_refuses_or_breaks_is_told_as_down_and_nothing_is_lost(
    bucket: Bucket, use: Use, client: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    phone = begun()
    phone.take()
    link, whole = photo_path(Photo.objects.get()), picture("blue")
    with bad(kind) as url:
        impatient(use, url)
        ready, read = client.get("/readyz"), client.get(link)
        files.forget()
        with monkeypatch.context() as patch:
            patch.setattr(files, "problem", lambda: "")  # it was well a moment ago
            refused = phone.put(whole, key="the-second")

    assert (ready.status_code, ready.json()["storage"]["state"]) == (503, "down")
    assert (read.status_code, read["Retry-After"]) == (503, "15")
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (503, "storage_down", "15")
    assert SECRET not in refused.content.decode() + ready.content.decode() + read.content.decode()
    assert (Input.objects.count(), Photo.objects.count(), len(bucket.names())) == (1, 1, 2)
    impatient(use, bucket.url)
    assert phone.put(whole[-10:], whole=whole, offset=len(whole) - 10, key="the-second").status_code == 201


def test_a_program_is_told_when_to_send_its_photo_again(
    bucket: Bucket, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SECONDS", 0.0)  # for a worker, which there is none of
    program = Program(make_key()[1])
    order = program.create()
    use(S3_ENDPOINT_URL=CLOSED)

    answer = program.analyze(order)

    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "The server cannot keep photos" in answer.json()["detail"]
    assert not Input.objects.exists()
    use(S3_ENDPOINT_URL=bucket.url)
    files.forget()
    assert program.analyze(order).status_code == 504
    assert Input.objects.count() == 1, "it is kept, and judged later"


def test_a_batch_waits_for_the_storage_instead_of_leaving_photos_out(bucket: Bucket, use: Use) -> None:
    program = Program(make_key()[1])
    batch = send(program, archive())
    use(S3_ENDPOINT_URL=CLOSED)

    drain(BatchRun, jobs.run_batch)

    told = program.call("get", f"batches/{batch}/").json()
    assert (told["status"], BatchRun.objects.get().state) == ("processing", "DUE")
    assert not Input.objects.exists()
    use(S3_ENDPOINT_URL=bucket.url)
    files.forget()
    BatchRun.objects.update(due_at=clock.now())
    drain(BatchRun, jobs.run_batch)
    assert (program.call("get", f"batches/{batch}/").json()["status"], Input.objects.count()) == ("done", 4)


def _add_group(client: Client, draft: CatalogueVersion) -> Any:
    upload = SimpleUploadedFile("x.png", picture(format="PNG"))
    example = {"examples-TOTAL_FORMS": 1, "examples-0-position": 0, "examples-0-upload": upload}
    return client.post("/admin/camera/taskgroup/add/", filled(draft, **example))


def test_an_example_picture_that_cannot_be_kept_is_an_error_of_its_form(
    bucket: Bucket, use: Use, admin_client: Client
) -> None:
    draft = make_draft()
    use(S3_ENDPOINT_URL=CLOSED)

    answers = [_add_group(admin_client, draft), _add_group(admin_client, draft)]

    for answer in answers:
        assert "The storage of photos does not answer" in str(answer.context["errors"])
    assert not TaskGroup.objects.filter(version=draft).exists()
    use(S3_ENDPOINT_URL=bucket.url)
    files.forget()
    assert _add_group(admin_client, draft).status_code == 302
    kept = Example.objects.get(group__version=draft)
    assert bucket.names() == {f"fieldport/{kept.file.name}", f"fieldport/{kept.thumbnail.name}"}


def test_nobody_without_the_right_to_the_group_puts_a_picture_into_the_storage(bucket: Bucket, client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert _add_group(client, make_draft()).status_code == 403
    assert bucket.names() == set()


def test_a_configuration_whose_pictures_cannot_be_kept_is_refused_as_a_whole(
    bucket: Bucket, use: Use, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    file = tmp_path / "site.yaml"
    file.write_text(with_groups("- {name: front, checks: {blur: {}}, examples: [{file: a.jpg}]}"))
    use(S3_ENDPOINT_URL=CLOSED)

    with pytest.raises(ConfigRefused, match=r"meters / task_groups: The storage of photos does not answer"):
        apply(read_file(file))

    assert not Site.objects.exists()
    use(S3_ENDPOINT_URL=bucket.url)
    files.forget()
    assert apply(read_file(file), dry_run=True).writes
    assert bucket.names() == set(), "a dry run keeps nothing"
    apply(read_file(file))
    assert len(bucket.names()) == 2
    assert apply(read_file(file)).changes_nothing
    assert len(bucket.names()) == 2
