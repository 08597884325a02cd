"""The GraphQL console: an admin asks with his session, with his own rights, from its page alone."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Workspace
from integrations.events.models import Endpoint
from tests.desk.people import signed_in
from tests.events.graphql.conftest import URL

pytestmark = pytest.mark.django_db
PAGE, ASK = reverse("admin:events_event_graphql"), reverse("admin:events_event_graphql_ask")
MAKE = 'mutation { createWebSocketEndpoint(name: "door") { id workspaceId } }'
LIST = "{ endpoints { totalCount collectionItems { name } } }"


def asked(client: Client, query: str, *, workspace: Workspace | None = None) -> dict[str, Any]:
    path = f"{ASK}?workspace={workspace.pk}" if workspace else ASK
    response = client.post(path, {"query": query}, content_type="application/json")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_the_page_holds_the_schema_and_says_what_its_visitor_may() -> None:
    text = signed_in("Viewer").get(PAGE).content.decode()

    assert "type EndpointOutput" in text
    assert "events:read, endpoints:read" in text
    assert "endpoints:write" not in text


def test_an_integrator_changes_what_he_may_change_in_the_workspace_he_chose(other: Workspace) -> None:
    client = signed_in("Integrator")

    made = asked(client, MAKE, workspace=other)["data"]["createWebSocketEndpoint"]

    assert [row.workspace for row in Endpoint.objects.all()] == [other]
    assert made["workspaceId"]
    assert asked(client, LIST, workspace=other)["data"]["endpoints"]["totalCount"] == 1
    assert asked(client, LIST)["data"]["endpoints"]["totalCount"] == 0


def test_who_may_only_look_changes_nothing() -> None:
    answer = asked(signed_in("Viewer"), MAKE)

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not Endpoint.objects.exists()


def test_without_the_pages_token_against_forgery_nothing_is_answered() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in("Integrator").cookies

    response = client.post(ASK, {"query": MAKE}, content_type="application/json")

    assert response.status_code == 403
    assert not Endpoint.objects.exists()


def test_who_is_not_signed_in_or_may_not_see_events_gets_neither_page_nor_answer(django_user_model: Any) -> None:
    stranger, newcomer = Client(), Client()
    newcomer.force_login(django_user_model.objects.create_user("newcomer", is_staff=True))

    assert [stranger.get(PAGE).status_code, stranger.post(ASK).status_code] == [302, 302]
    assert [newcomer.get(PAGE).status_code, newcomer.post(ASK).status_code] == [403, 403]


def test_the_address_for_programs_takes_no_session() -> None:
    response = signed_in("Integrator").post(URL, {"query": MAKE}, content_type="application/json")

    assert response.status_code == 401
    assert not Endpoint.objects.exists()
