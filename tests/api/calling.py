"""Calling the API as a program would, and walking over all that its document describes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import yaml
from django.test import Client

from integrations.connections.models import Workspace
from integrations.connections.scopes import registered
from integrations.connections.services import issue_token

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
Call = Callable[..., Any]
# The document is long: libyaml reads it in a tenth of the time.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Operation(NamedTuple):
    """One method of one address, with the scope that it needs."""

    method: str
    path: str
    spec: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_list(self) -> bool:
        return any(parameter["name"] == "cursor" for parameter in self.spec.get("parameters", ()))

    def url(self, rows: dict[str, Any]) -> str:
        """Return the address of a row that `tests.desk.rows.make_everything` made."""
        return self.path.format(**path_values(self.path, rows))


def document() -> dict[str, Any]:
    spec: dict[str, Any] = yaml.load(DOCUMENT.read_text(), Loader=_LOADER)
    return spec


def operations() -> list[Operation]:
    paths = document()["paths"]
    return [
        Operation(method, path, spec)
        for path, methods in paths.items()
        for method, spec in methods.items()
        if path.startswith("/api/v1/")
    ]


def path_values(path: str, rows: dict[str, Any]) -> dict[str, Any]:
    """Return what fills in an address, for the rows that were made; a new kind of address needs a line here."""
    if "{" not in path:
        return {}
    if path.startswith("/api/v1/systems/"):
        return {"system": rows["system"].slug, "external_id": rows["order"].external_ids.get().external_id}
    if path.startswith("/api/v1/scripts/"):
        return {"slug": rows["script"].slug}
    kinds = {
        "work-orders": "order",
        "photos": "photo",
        "items": "item",
        "unmatched": "join",
        "sessions": "session",
        "calls": "call",
        "deep-links": "link",
        "scenario-catalogs": "catalog",
        "contacts": "contact",
        "webhooks": "received",
        "webhook-replays": "replay",
        "writes": "write",
        "runs": "run",
        "deliveries": "delivery",
        "delivery-resends": "resend",
        "endpoints": "endpoint",
        "event-filters": "event_filter",
    }
    pk = rows[kinds[path.split("/")[3]]].pk
    return {"id": str(pk) if isinstance(pk, UUID) else pk}


def all_scopes() -> list[str]:
    return [scope for scope, _ in registered()]


def bearer(*scopes: str, workspace: Workspace | None = None) -> dict[str, str]:
    token = issue_token("test", scopes=scopes, workspace=workspace)[1]
    return {"Authorization": f"Bearer {token}"}


def caller(client: Client, *scopes: str, workspace: Workspace | None = None) -> Call:
    """Return a function that calls with a token: `call("get", path)`, `call("post", path, body)`."""
    headers = bearer(*(scopes or all_scopes()), workspace=workspace)

    def send(method: str, path: str, body: Any = None, **options: Any) -> Any:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(path, **sent, headers=headers | options.pop("headers", {}), **options)

    return send
