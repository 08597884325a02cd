"""A platform for tests of the lower floors: webhooks are `{"id": ..., "verb": ...}`, resources what they say."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from integrations.core.errors import FieldportError
from integrations.core.platforms import (
    Fetch,
    Fetched,
    Incoming,
    InvalidSignature,
    Notice,
    Received,
    Unreadable,
    Unwanted,
)


class EchoAdapter:
    slug: ClassVar[str] = "echo"
    label: ClassVar[str] = "Echo"
    not_found_schedule: ClassVar[Sequence[float]] = (2, 10)

    def __init__(self) -> None:
        self.orders: list[Fetch] = []
        self.fails: list[FieldportError] = []
        self.taken: list[Received] = []
        self.during_fetch: Any = None

    def verify(self, request: Incoming, *, secrets: Sequence[str]) -> None:
        if request.header("x-echo") not in secrets:
            raise InvalidSignature("The header X-Echo is missing or wrong.")

    def delivery_key(self, request: Incoming) -> str | None:
        return request.header("x-echo-delivery") or None

    def notices(self, received: Received) -> Sequence[Notice]:
        try:
            body = json.loads(received.incoming.body)
        except ValueError as error:
            raise Unreadable("The body is not JSON.") from error
        if not isinstance(body, dict):
            raise Unreadable("The body is not an object.")
        if body.get("verb") == "unwanted":
            raise Unwanted("Nobody wants this type.", notice=Notice("Thing", str(body.get("id")), "unwanted"))
        if body.get("verb") == "crash":
            raise RuntimeError("a bug")
        return [] if body.get("whole") else [Notice("Thing", str(body.get("id")), str(body.get("verb", "updated")))]

    def take(self, received: Received) -> str:
        self.taken.append(received)
        return "taken"

    def fetch(self, order: Fetch) -> Fetched:
        self.orders.append(order)
        if self.during_fetch:
            self.during_fetch()
        if self.fails:
            raise self.fails.pop(0)
        return Fetched(note="read", subject="workorder/1")
