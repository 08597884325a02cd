"""A catalogue imported from a site, in the admin: looked at first, then kept."""

from functools import partial
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from PIL import Image

from integrations.camera.models import CatalogueVersion, Engine, Example, TaskGroup
from integrations.camera.pages import catalogue
from integrations.camera.services import examples
from integrations.connections.models import Connection
from integrations.core import clock, files
from integrations.platforms.deepomatic import importing
from tests.camera.making import make_site
from tests.platforms.deepomatic.conftest import make_vendor_connection
from tests.simulators.deepomatic.camera import a_photo
from tests.simulators.running import RunningDeepomatic

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> CatalogueVersion:
    return catalogue.draft_of(make_site(), like=None, author="anna")


def ask(client: Client, draft: CatalogueVersion | None, connection: Connection, **more: str) -> Any:
    assert draft is not None
    url = reverse("admin:camera_catalogueversion_site", args=[draft.pk])
    given = {"connection": connection.pk, "engine": Engine.DEEPOMATIC, "language": "fr"}
    return client.post(url, given | more)


def test_a_site_is_looked_at_first_and_then_kept(
    admin_client: Client, draft: CatalogueVersion, connection: Connection, vendor: RunningDeepomatic
) -> None:
    page = admin_client.get(reverse("admin:camera_catalogueversion_change", args=[draft.pk])).content.decode()
    assert "Import from a Deepomatic site" in page

    shown = ask(admin_client, draft, connection)
    assert [line.task for line in shown.context["found"].lines] == ["seal_present", "clean", "serial", "closed"]
    text = shown.content.decode()
    assert "never validated" in text
    assert "2 example pictures are fetched along" in text
    assert not draft.groups.exists()

    assert ask(admin_client, draft, connection, keep="1").status_code == 302
    front = TaskGroup.objects.get(version=draft, name="meter_front")
    assert (front.engine, front.engine_connection, front.checks) == (Engine.DEEPOMATIC, connection, {})
    assert front.texts == {"fr": {"display_name": "meter_front", "description": "Front of the meter, door open"}}
    seal, clean, serial = front.tasks.all()
    assert (seal.sentences, seal.mandatory, clean.mandatory) == ({"fr": "Is the seal present?"}, True, False)
    assert seal.outcome_validation[0]["is_conformity_validated"] is True
    assert (serial.outcome_type, serial.outcome_validation) == ("Text", [])
    assert catalogue.problems(draft) == []


def pictures_of(version: CatalogueVersion) -> list[tuple[str, str]]:
    rows = Example.objects.filter(group__version=version).order_by("group__order", "position")
    return list(rows.values_list("group__name", "sha256"))


def test_example_pictures_are_kept_as_uploaded_ones_are_each_once(
    admin_client: Client, draft: CatalogueVersion, connection: Connection
) -> None:
    ask(admin_client, draft, connection, keep="1")
    kept = pictures_of(draft)

    again = ask(admin_client, draft, connection, pictures="1")

    assert again.status_code == 302
    assert [name for name, _ in kept] == ["meter_front", "meter_back"]
    assert pictures_of(draft) == kept
    front = Example.objects.get(group__version=draft, group__name="meter_front")
    with front.file.open() as file, Image.open(file) as picture:
        assert (picture.format, picture.size) == ("JPEG", (900, 900))
    assert front.thumbnail.size > 0


def test_a_picture_that_cannot_be_had_is_named_and_keeps_nothing_else_out(
    admin_client: Client, draft: CatalogueVersion, connection: Connection, vendor: RunningDeepomatic
) -> None:
    vendor.control.state.catalogue.examples["meter_front"] = b"<html>not a picture</html>"

    shown = ask(admin_client, draft, connection, keep="1")

    assert shown.status_code == 302
    said = [str(each) for each in get_messages(shown.wsgi_request)]
    assert said[:2] == ["4 tasks were added.", "1 example picture was added."]
    assert said[2].startswith("meter_front, example picture 1: This is not a photo that can be read")
    assert list(Example.objects.values_list("group__name", flat=True)) == ["meter_back"]
    assert len(files.names(Example.FOLDER)) == 2

    del vendor.control.state.catalogue.examples["meter_front"]
    ask(admin_client, draft, connection, pictures="1")
    assert set(Example.objects.values_list("group__name", flat=True)) == {"meter_back", "meter_front"}


def test_pictures_come_from_the_hosts_that_are_allowed_within_bounds_and_into_drafts_only(
    draft: CatalogueVersion, vendor: RunningDeepomatic
) -> None:
    narrow = make_vendor_connection(vendor, file_hosts=["files.example.com"])
    group = TaskGroup.objects.create(version=draft, name="meter_front")
    address = f"{vendor.control.state.files_url}/files/example-meter_front.jpg?sig=example"

    refused = examples.fetch_missing(draft, {"meter_front": [address]}, fetch=partial(importing.picture, narrow))
    late = examples.fetch_missing(draft, {"meter_front": [address]}, fetch=a_photo, seconds=-1)
    many = examples.fetch_missing(draft, {"meter_front": [str(n) for n in range(13)]}, fetch=a_photo)

    assert "is not the host of this connection, nor one that it lists" in refused.problems[0]
    assert "took so long" in late.problems[0]
    assert (many.added, len(many.problems)) == (12, 1)
    assert group.examples.count() == 12
    CatalogueVersion.objects.filter(pk=draft.pk).update(published_at=clock.now())
    published = examples.fetch_missing(draft, {"meter_front": ["new"]}, fetch=a_photo)
    assert (published.added, group.examples.count()) == (0, 12)


def test_what_is_there_already_or_cannot_be_read_keeps_all_of_it_out(
    admin_client: Client, draft: CatalogueVersion, connection: Connection, vendor: RunningDeepomatic
) -> None:
    ask(admin_client, draft, connection, keep="1")
    again = ask(admin_client, draft, connection, keep="1")
    assert again.status_code == 200
    assert b"This task is there already." in again.content
    draft.groups.all().delete()

    vendor.control.state.catalogue.groups[0]["tasks"][0]["outcome_validation"] = [{"schema": {"$ref": "#"}}]
    refused = ask(admin_client, draft, connection, keep="1")
    vendor.control.expire_key()
    away = ask(admin_client, draft, connection, keep="1")

    assert b"Rule 1" in refused.content
    assert b"answered 403" in away.content
    assert not draft.groups.exists()


def test_only_who_changes_task_groups_may_and_only_a_draft(
    client: Client, admin_client: Client, draft: CatalogueVersion, connection: Connection, django_user_model: Any
) -> None:
    active = draft.site.active_version
    assert ask(admin_client, active, connection, keep="1").status_code == 404

    client.force_login(django_user_model.objects.create_user("eva", is_staff=True))
    assert ask(client, draft, connection, keep="1").status_code == 403
    assert not draft.groups.exists()
