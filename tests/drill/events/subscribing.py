"""Endpoints and filters as an integrator makes them: by the REST API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from tests.drill.events.stream import Subscriber


@dataclass(frozen=True)
class Api:
    url: str
    token: str

    def subscribe(self, subscriber: Subscriber) -> str:
        """Make an endpoint with its filters; return its id."""
        given = {"type": "WEB_HOOK", "url": subscriber.url} if subscriber.url else {"type": "WEB_SOCKET"}
        endpoint = self._ask("POST", "endpoints/", {"name": subscriber.name, **given})["id"]
        for wish in subscriber.wishes:
            self._ask("POST", "event-filters/", {"name": subscriber.name, "endpoints": [endpoint], **wish.given()})
        return str(endpoint)

    def clients(self, sockets: Sequence[Subscriber]) -> list[dict[str, str]]:
        """Return what the clients' process has to know; all of them begin where the log begins."""
        since = str(self._ask("GET", "events/")["next_cursor"])
        address = self.url.replace("http", "ws", 1) + "/event-service/ws?endpoint_id="
        return [
            {"name": each.name, "address": address + self.subscribe(each), "token": self.token, "since": since}
            for each in sockets
        ]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """:raises RuntimeError: saying what was answered"""
        headers = {"Authorization": f"Bearer {self.token}"}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {path} was answered with {answer.status_code}: {answer.text[:500]}")
        return answer.json()
