"""A catalogue imported from a site, in the admin: looked at first, then kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.camera.models import CatalogueVersion, Engine, TaskGroup
from integrations.camera.pages import catalogue
from integrations.connections.models import Connection
from tests.camera.making import make_site
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
    assert "Example pictures: their links expire" in text
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
