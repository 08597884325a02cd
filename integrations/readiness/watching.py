"""A client that notes what it sent and was answered, for the page of a trial."""

from dataclasses import dataclass, field
from typing import Any, Unpack, cast

import requests

from integrations.connections.client import ConnectionClient
from integrations.core.errors import FieldportError
from integrations.core.http import Options
from integrations.sync.messages import Message, storable

LONGEST = 4_000


@dataclass
class Watched:
    """Passes everything on to `client`; `seen` has the last exchange: request, status, answer."""

    client: ConnectionClient
    seen: dict[str, Any] = field(default_factory=dict)

    def request(self, method: str, url: str, **options: Unpack[Options]) -> requests.Response:
        headers = {str(name): str(value) for name, value in (options.get("headers") or {}).items()}
        data = options.get("data")
        body = data.decode("utf-8", "replace") if isinstance(data, bytes) else options.get("json")
        query = dict(cast(Any, options.get("params")) or {})
        self.seen = {"request": storable(Message(method, url, query, headers, body).kept()), "status": None}
        try:
            response = self.client.request(method, url, **options)
        except FieldportError as error:
            self.seen |= {"status": error.status, "answer": storable(error.body_start[:LONGEST])}
            raise
        text = self.client.without_secrets(response.content[: LONGEST * 2].decode("utf-8", "replace"))
        self.seen |= {"status": response.status_code, "answer": storable(text[:LONGEST])}
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)
