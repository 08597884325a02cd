from datetime import UTC, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from integrations.core import clock, images, platforms
from integrations.core.drain import drain
from integrations.core.images import ImageRefused
from integrations.events.models import Event
from integrations.schedules import jobs
from integrations.schedules.models import ScheduledJob
from integrations.workorders import contexts, photos, services
from integrations.workorders.links import photo_link, photo_path
from integrations.workorders.models import Photo
from integrations.workorders.photos import FULL, SMALL
from integrations.workorders.retention import _old_photos, _remove
from tests.workorders.making import NOON, join_session, make_connection, make_order, the_join

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": files}


def picture(colour: str = "red", *, side: int = 640, format: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (side, side), colour).save(out, format)
    return out.getvalue()


def keep(data: bytes | None = None, **values: Any) -> Photo:
    workspace_id = values.pop("workspace_id", None) or make_connection().workspace_id
    fact: dict[str, Any] = {
        "workspace_id": workspace_id,
        "work_order_id": None,
        "source_type": "worklink.session",
        "source_id": "1",
        "external_id": "step-1",
        "label": "Name plate",
        "taken_at": NOON,
    }
    return photos.keep(**fact | values, data=picture() if data is None else data)


def test_a_picture_that_was_stored_before_is_kept_as_it_is() -> None:
    cleaned = images.clean(picture("blue"))

    photo = keep(b"not looked at", stored=photos.store(cleaned))

    assert photos.content_of(photo) == cleaned.content
    assert photos.content_of(photo, small=True) == cleaned.thumbnail


def stored() -> set[str]:
    """Every file of photos that the storage holds."""
    days = [f"{folder}/{day}" for folder in (FULL, SMALL) for day in default_storage.listdir(folder)[0]]
    return {f"{day}/{name}" for day in days for name in default_storage.listdir(day)[1]}


def test_a_photo_is_kept_with_its_thumbnail_and_published() -> None:
    photo = keep()

    event = Event.objects.get()
    assert (photo.content_type, photo.width, photo.height) == ("image/jpeg", 640, 640)
    assert Image.open(BytesIO(photos.content_of(photo, small=True))).size == (320, 320)
    assert len(photos.content_of(photo)) == photo.bytes
    assert (event.type, event.source_type, event.source_id) == ("photo.stored", "photo", str(photo.pk))
    assert (event.occurred_at, event.payload["records"]) == (NOON, {})


def test_a_photo_kept_twice_is_one_photo_and_one_event() -> None:
    first = keep()

    again = keep(picture("blue"))

    assert again == first
    assert (Photo.objects.count(), Event.objects.count()) == (1, 1)


def test_what_is_not_a_picture_is_refused_and_nothing_is_kept() -> None:
    with pytest.raises(ImageRefused):
        keep(b"<svg onload=alert(1)>", external_id="hostile")

    assert not Photo.objects.exists()
    assert not Event.objects.exists()


def test_a_photo_goes_to_the_order_of_its_source_even_if_the_caller_does_not_know_it() -> None:
    system = make_connection()
    order = join_session(make_connection(), key="WO-1", system=system).work_order

    photo = keep()

    assert photo.work_order == order
    assert Event.objects.get().payload["records"] == {str(system.pk): "WO-1"}


def test_photos_follow_when_an_operator_assigns_their_source(monkeypatch: pytest.MonkeyPatch) -> None:
    system = make_connection()
    order = make_order("WO-1", system=system)
    join_session(make_connection(), system=system)
    photo = keep()
    kind = platforms.ContextKind("worklink.session", "Session", ("session.joined",), (), lambda source_id: {})
    monkeypatch.setitem(platforms._contexts, "worklink.session", kind)
    Event.objects.all().delete()

    services.assign(the_join(), order, by="olga", now=NOON)

    photo.refresh_from_db()
    joined, stored = Event.objects.order_by("pk")
    assert photo.work_order == order
    assert (joined.type, stored.type, stored.reason) == ("session.joined", "photo.stored", "operator")
    assert stored.payload["records"] == {str(system.pk): "WO-1"}


def test_photos_follow_when_the_key_is_read_later() -> None:
    system, connection = make_connection(), make_connection()
    join_session(connection, system=system)
    photo = keep()

    joined = join_session(connection, key="WO-1", system=system)
    join_session(connection, key="WO-1", system=system)

    photo.refresh_from_db()
    assert photo.work_order == joined.work_order
    assert Event.objects.filter(type="photo.stored").count() == 2


def test_a_link_shows_the_picture_under_locked_headers(client: Client) -> None:
    photo = keep()

    response = client.get(photo_path(photo))
    small = client.get(photo_path(photo, size="small"))

    assert response.content == photos.content_of(photo)
    assert len(small.content) < len(response.content)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"] == f'inline; filename="photo-{photo.pk}.jpg"'
    assert photo_link(photo).startswith("http://localhost:8000/photos/")


def test_a_link_expires_and_cannot_be_forged(client: Client) -> None:
    photo = keep()
    old = photo_path(photo, now=timezone.now() - timedelta(days=61))
    good = photo_path(photo)

    assert client.get(old).status_code == 410
    assert client.get(good[:-2] + "x/").status_code == 404
    assert client.get("/photos/x/").status_code == 404
    assert client.post(good).status_code == 405


def test_a_link_stays_the_same_within_its_period() -> None:
    photo = keep()

    assert photo_link(photo, now=NOON) == photo_link(photo, now=NOON + timedelta(minutes=1))


def test_what_changes_of_a_photo_by_itself_is_marked_as_volatile(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = keep()
    first = contexts.load_photo(str(photo.pk))["photo"]

    at = timezone.now() + timedelta(days=65)
    monkeypatch.setattr(timezone, "now", lambda: at)
    later = contexts.load_photo(str(photo.pk))["photo"]

    changed = {f"photo.{name}" for name in first if first[name] != later[name]}
    assert changed == {field.path for field in contexts.PHOTO_FIELDS if field.volatile}
    assert "photo.link" in changed


def test_a_kill_while_another_worker_keeps_the_same_photo_costs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose lease ran out decodes for long; the other one has kept the photo when it writes its files."""
    first: list[Photo] = []
    clean = images.clean

    def slowly(data: bytes) -> Any:
        monkeypatch.setattr(images, "clean", clean)
        first.append(keep(data))
        monkeypatch.setattr(FileSystemStorage, "save", killed)
        return clean(data)

    def killed(*_: Any) -> str:
        raise SystemExit

    monkeypatch.setattr(images, "clean", slowly)
    with pytest.raises(SystemExit):
        keep()

    assert Photo.objects.get() == first[0]
    assert len(photos.content_of(first[0])) == first[0].bytes
    assert photos.content_of(first[0], small=True)


def test_two_workers_that_keep_the_same_photo_leave_one_row_with_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = images.clean

    def slowly(data: bytes) -> Any:
        monkeypatch.setattr(images, "clean", clean)
        keep(data)
        return clean(data)

    monkeypatch.setattr(images, "clean", slowly)
    photo = keep()

    assert Photo.objects.get() == photo
    assert stored() == {str(photo.file.name), str(photo.thumbnail.name)}


def test_files_that_no_row_names_are_deleted_once_their_day_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = keep()
    day = f"{photo.created_at.astimezone(UTC):%Y-%m-%d}"
    strays = {default_storage.save(f"{folder}/{day}/stray.jpg", ContentFile(b"x")) for folder in (FULL, SMALL)}
    default_storage.save("photos/not-a-day/kept.jpg", ContentFile(b"x"))
    jobs.ensure_rows()
    ScheduledJob.objects.exclude(name="workorders.strays").delete()
    due = ScheduledJob.objects.filter(name="workorders.strays")

    drain(ScheduledJob, jobs.run_job)
    young = due.get().note
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + timedelta(days=4))
    drain(ScheduledJob, jobs.run_job)
    old = due.get().note

    assert (young, old) == ("There was none.", "2 files deleted.")
    kept = {str(photo.file.name), str(photo.thumbnail.name), "photos/not-a-day/kept.jpg"}
    assert stored() == kept
    assert not strays & stored()


def test_a_photo_whose_file_is_gone_is_not_found(client: Client) -> None:
    photo = keep()
    default_storage.delete(str(photo.file.name))

    assert client.get(photo_path(photo)).status_code == 404


def test_the_context_of_a_photo_has_its_facts_its_order_its_source_and_its_file() -> None:
    system = make_connection("sap")
    join_session(make_connection(), key="WO-1", system=system)
    photo = keep()

    context = contexts.load_photo(str(photo.pk))
    name, content_type, data = contexts.photo_file(str(photo.pk))

    assert context["photo"]["taken_at"] == "2026-03-01T12:00:00Z"
    assert context["photo"]["link"] == photo_link(photo)
    assert context["order"]["records"] == {"sap": "WO-1"}
    assert context["source"] == {}
    assert (name, content_type, len(data)) == (f"photo-{photo.pk}.jpg", "image/jpeg", photo.bytes)


def test_every_field_that_a_context_offers_is_there() -> None:
    photo = keep()
    context = contexts.load_photo(str(photo.pk))

    for offered in platforms.context_kind("photo").fields:
        group, _, name = offered.path.partition(".")
        assert name in context[group]


def test_retention_deletes_rows_and_files() -> None:
    photo = keep()
    files = [str(photo.file.name), str(photo.thumbnail.name)]

    assert not _old_photos(NOON).exists()
    assert _remove(_old_photos(timezone.now() + timedelta(seconds=1))) == 1

    assert not Photo.objects.exists()
    assert not any(default_storage.exists(name) for name in files)
