"""Rows for tests: sensible defaults, everything can be overridden by keyword."""

import itertools
from typing import Any

from integrations.connections.models import AuthKind, Connection, Workspace
from integrations.inbox.models import ReceivedWebhook, WebhookSource

_numbers = itertools.count(1)


def make_workspace() -> Workspace:
    return Workspace.default()


def make_connection(**values: Any) -> Connection:
    """A connection to a WorkLink CMS that needs no credentials."""
    number = next(_numbers)
    defaults = {
        "slug": f"connection-{number}",
        "name": f"Connection {number}",
        "platform": "worklink",
        "base_url": "https://cms.example.test",
        "auth_kind": AuthKind.NONE,
        "workspace": make_workspace(),
    }
    return Connection.objects.create(**defaults | values)


def make_source(**values: Any) -> WebhookSource:
    defaults: dict[str, Any] = {"name": f"Source {next(_numbers)}"}
    if "connection" not in values:
        defaults["connection"] = make_connection(platform="echo")
    return WebhookSource.objects.create(**defaults | values)


def make_received(**values: Any) -> ReceivedWebhook:
    defaults: dict[str, Any] = {"body": b"{}", "body_size": 2, "correlation_id": f"correlation-{next(_numbers)}"}
    if "source" not in values:
        defaults["source"] = make_source()
    return ReceivedWebhook.objects.create(**defaults | values)
