"""Asking the GraphQL API as a program would."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from integrations.connections.models import Workspace
from integrations.connections.services import issue_token
from integrations.events import access

URL = "/event-service/graphql"
SCOPES = (access.READ, access.MANAGE_READ, access.MANAGE)
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _nobody_asked_yet() -> None:
    cache.clear()


@pytest.fixture
def space() -> int:
    return Workspace.default().pk


@pytest.fixture
def other() -> Workspace:
    return Workspace.objects.create(slug="two", name="Two")


def new_token(*scopes: str, workspace: Workspace | None = None) -> str:
    return issue_token("client", scopes=scopes or SCOPES, workspace=workspace)[1]


def asking(client: Client, token: str) -> Ask:
    """Return a function that sends an operation and returns the answer, which is 200."""

    def ask(query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = client.post(URL, body, content_type="application/json", headers={"token": token})
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()
        return answer

    return ask


@pytest.fixture
def ask(client: Client) -> Ask:
    return asking(client, new_token())


def only(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the one error of an answer that holds nothing else, its code beside the message."""
    assert not answer.get("data"), answer
    [error] = answer["errors"]
    return {**error, "code": error["extensions"]["code"]}
