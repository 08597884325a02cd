"""A request and its answer, as the simulators' handlers see them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Ask:
    """One request, read completely."""

    scope: Scope
    body: bytes

    @property
    def params(self) -> dict[str, str]:
        params: dict[str, str] = self.scope["path_params"]
        return params

    @cached_property
    def headers(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}

    @cached_property
    def query(self) -> dict[str, str]:
        raw = self.scope["query_string"]
        return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """:raises ValueError: if the body is not JSON"""
        return json.loads(self.body)


@dataclass(slots=True)
class Told:
    """An answer: bytes go out as they are, None as an empty body, anything else as JSON."""

    status: int
    content: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"

    async def send(self, send: Send) -> None:
        body = self.content if isinstance(self.content, bytes) else b""
        if self.content is not None and not isinstance(self.content, bytes):
            body = _encode(self.content).encode()
        pairs = [(name.encode(), value.encode()) for name, value in self.headers]
        if self.status != 204:
            pairs.append((b"content-length", str(len(body)).encode()))
        if body:
            pairs.append((b"content-type", self.content_type.encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


class Endpoint:
    """A plain function from Ask to Told as an ASGI application; it expects the body in one message."""

    def __init__(self, handler: Callable[[Ask], Told]) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await self._handler(Ask(scope, message.get("body", b""))).send(send)
