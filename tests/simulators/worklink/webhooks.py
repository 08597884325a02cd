"""Notifications in every variant of section 3, with the faults of 4.10."""

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulators.engine.execution import GraphQLRequest, execute
from tests.simulators.engine.resolving import Doc
from tests.simulators.worklink.access import Token
from tests.simulators.worklink.outgoing import Notification
from tests.simulators.worklink.schema import schema_for
from tests.simulators.worklink.state import View, WorkLinkState

SHORT_VERBS = {"created": "create"}  # everything else is an "update"
TOPIC_PREFIXES = {"ScenarioSession": "scenario_session", "CallSession": "call", "User": "user", "Scenario": "scenario"}
INTERNAL = Token("webhook delivery")


class Notifier:
    """Tells everyone who listens that a node changed. The dice are seeded, so that a run can be repeated."""

    def __init__(self, state: WorkLinkState, *, seed: int = 0) -> None:
        self._state = state
        self.dice = random.Random(seed)
        self._quiet = False

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing is notified meanwhile: for sessions that a load test prepares. Hold the state's lock."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def changed(self, doc: Doc, verb: str) -> None:
        """`verb`: created, updated, paused, resumed or finished."""
        if self._quiet:
            return
        settings = self._state.webhooks
        for each in [verb, *["updated"] * settings.burst]:
            for url in settings.urls:
                self._send(self._generation_a(url, doc, each))
            for notification in self._generation_b(doc, each):
                self._send(notification)
        if settings.urls and self._percent(settings.unknown_percent):
            self.unknown()

    def unknown(self) -> None:
        """A type that is not wanted, one that nobody knows, or something that is no resource (A3)."""
        scenario = self._state.nodes.all("Scenario")[0]
        stranger = {"__typename": "TrainingPlan", "id": "VHJhaW5pbmdQbGFuOjE"}
        choice = self.dice.choice((scenario, stranger, None))
        for url in self._state.webhooks.urls:
            self._send(self._service(url) if choice is None else self._generation_a(url, choice, "updated"))

    def service(self) -> None:
        for url in self._state.webhooks.urls:
            self._send(self._service(url))

    def _generation_a(self, url: str, doc: Doc, verb: str) -> Notification:
        settings = self._state.webhooks
        values = {
            "id": doc["id"],
            "url": self._state.object_url(doc["id"]),
            "type": self._state.typename(doc),
        }
        data = {f"resource{self._separator()}{name}": value for name, value in values.items()}
        event = SHORT_VERBS.get(verb, "update") if settings.verbs == "short" else verb
        body = {"time": self._state.now(), "event": event, "type": "resource", "data": data}
        return _notification(url, doc["id"], verb, _dump(body))

    def _separator(self) -> str:
        variant = self._state.webhooks.variant
        return self.dice.choice("-_") if variant == "mixed" else {"A1": "-", "A2": "_"}[variant]

    def _service(self, url: str) -> Notification:
        body = {"time": self._state.now(), "event": "degraded", "type": "service", "data": {"service": "search"}}
        return _notification(url, "service", "degraded", _dump(body))

    def _generation_b(self, doc: Doc, verb: str) -> list[Notification]:
        prefix = TOPIC_PREFIXES[doc["__typename"]]
        keys = {f"{prefix}/{'updated' if verb in ('paused', 'resumed') else verb}"}
        if verb == "created":
            keys.add(f"{prefix}/create")
        if verb == "finished":
            keys.add(f"{prefix}/updated")
        nodes = self._state.nodes
        wanted = [(each, nodes.by_id[each["topic"]]) for each in nodes.all("WebhookSubscription")]
        return [self._subscribed(each, topic, doc) for each, topic in wanted if topic["key"] in keys]

    def _subscribed(self, subscription: Doc, topic: Doc, doc: Doc) -> Notification:
        body = _dump(self._body_b(subscription, doc))
        headers = {
            "X-Scope-Topic": topic["key"],
            "X-Scope-Topic-Version": topic["version"],
            "X-Scope-API-Version": "3",
            "X-Scope-Domain": "scopear.com",
            "X-Scope-Webhook-Type": "node",
            "X-Scope-Hmac-Sha256": self._signature(subscription["_secret"], body),
            "X-Scope-Webhook-Id": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
        }
        notification = _notification(subscription["callbackUrl"], doc["id"], topic["key"], body)
        notification.headers |= headers
        return notification

    def _body_b(self, subscription: Doc, doc: Doc) -> dict[str, Any]:
        """B1, or B2: the answer to the subscription's query, asked with the node's id as `$id`."""
        if not subscription["query"]:
            return {"data": {"id": doc["id"], "url": self._state.object_url(doc["id"])}}
        request = GraphQLRequest(subscription["query"], {"id": doc["id"]})
        return execute(schema_for(self._state.settings), View(self._state, INTERNAL), request)

    def _signature(self, secret: str, body: bytes) -> str:
        key = b"not the secret" if self._state.webhooks.wrong_signature else secret.encode()
        return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()

    def _send(self, notification: Notification) -> None:
        settings = self._state.webhooks
        if self._percent(settings.drop_percent):
            self._state.outgoing.drop(notification)
            return
        for copy in range(settings.duplicates + 1):
            each = notification if copy == 0 else _copy(notification)
            shuffle = self.dice.uniform(0, settings.reorder_seconds) if settings.reorder_seconds else 0.0
            self._state.outgoing.send(each, delay=settings.delay + shuffle)

    def _percent(self, chance: float) -> bool:
        return chance > 0 and self.dice.uniform(0, 100) < chance


def _notification(url: str, resource_id: str, verb: str, body: bytes) -> Notification:
    headers = {"Content-Type": "application/json", "User-Agent": "WorkLink simulator"}
    return Notification(url, resource_id, verb, body, headers)


def _copy(notification: Notification) -> Notification:
    """The same bytes and the same headers once more, with an outcome of its own."""
    return Notification(
        notification.url, notification.resource_id, notification.verb, notification.body, notification.headers
    )


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
