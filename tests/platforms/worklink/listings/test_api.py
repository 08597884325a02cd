"""Catalogs and contacts over the REST API: scopes, workspaces, conditions."""

from typing import Any

import pytest
from django.test import Client

from integrations.connections.models import Workspace
from integrations.platforms.worklink.models import Contact, ScenarioCatalog
from tests.api.calling import caller
from tests.desk.rows import make_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> dict[str, Any]:
    return make_everything(1)


def found(client: Client, path: str) -> list[int]:
    answer = caller(client)("get", f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["results"]]


def test_a_catalog_is_shown_with_its_scenarios_and_objects(client: Client, rows: dict[str, Any]) -> None:
    shown = caller(client)("get", f"/api/v1/scenario-catalogs/{rows['catalog'].pk}/").json()

    assert shown["external_asset_id"] == "PUMP-77"
    assert shown["objects"] == [{"kind": "training module", "object_id": "TM-1"}]
    assert [each["name"] for each in shown["scenarios"]] == ["Inspection 1"]


def test_catalogs_are_found_by_the_asset_that_they_serve(client: Client, rows: dict[str, Any]) -> None:
    catalog = rows["catalog"]
    catalog.served.create(kind="asset", object_id="PUMP-78")
    ScenarioCatalog.objects.create(connection=catalog.connection, name="Other", gone_at=catalog.seen_at)

    for query in ("asset=PUMP-77", "asset=PUMP-78", "external_asset_id=PUMP-77", "gone=false", "name=Pumps 1"):
        assert found(client, f"scenario-catalogs/?{query}") == [catalog.pk]
    assert found(client, "scenario-catalogs/?asset=TM-1") == []
    assert len(found(client, "scenario-catalogs/?gone=true")) == 1


def test_contacts_have_a_link_and_are_found_by_who_may_call_them(client: Client, rows: dict[str, Any]) -> None:
    tech, expert = rows["contact"], rows["expert"]

    shown = caller(client)("get", f"/api/v1/contacts/{tech.pk}/").json()

    assert shown["link"].startswith("https://getworklink.com/deferred?deep_link=worklink%3A%2F%2Fresource")
    assert found(client, f"contacts/?callable_by={tech.pk}") == [expert.pk]
    assert found(client, f"contacts/?callable_by={expert.pk}") == [tech.pk]
    assert found(client, "contacts/?callable_by=999") == []
    assert found(client, "contacts/?licence=EXPERT") == [expert.pk]
    assert found(client, "contacts/?call_id=call-1") == [tech.pk]


def test_other_workspaces_and_tokens_without_the_scope_see_nothing(client: Client, rows: dict[str, Any]) -> None:
    plant = Workspace.objects.create(slug="plant-two", name="Plant two")
    elsewhere = caller(client, workspace=plant)
    narrow = caller(client, "sessions:read")

    for name in ("scenario-catalogs", "contacts"):
        assert elsewhere("get", f"/api/v1/{name}/").json()["results"] == []
        assert narrow("get", f"/api/v1/{name}/").status_code == 403
    assert elsewhere("get", f"/api/v1/contacts/{Contact.objects.all()[0].pk}/").status_code == 404
