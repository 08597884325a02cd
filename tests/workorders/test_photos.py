from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from integrations.core import platforms
from integrations.core.images import ImageRefused
from integrations.events.models import Event
from integrations.workorders import contexts, photos, services
from integrations.workorders.links import photo_link, photo_path
from integrations.workorders.models import Photo
from integrations.workorders.retention import _old_photos, _remove
from tests.workorders.making import NOON, join_session, make_connection, make_order, the_join

pytestmark = pytest.mark.django_db


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
