"""The outermost layer of both simulators: it writes the request log and carries out faults."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.clock import Clock, iso
from tests.simulators.faults import Fault, FaultPlan
from tests.simulators.traffic import Request, TrafficLog

TRANSPORT = "fieldport.transport"
CONTROL_PREFIX = "/_sim"

OperationOf = Callable[[Scope, bytes], str]


class Door:
    def __init__(
        self, app: ASGIApp, *, clock: Clock, faults: FaultPlan, log: TrafficLog, operation_of: OperationOf
    ) -> None:
        self._app = app
        self._clock = clock
        self._faults = faults
        self._log = log
        self._operation_of = operation_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        method, path = scope["method"], scope["path"]
        operation = self._operation_of(scope, body)
        fault = self._faults.pick(method, path, operation)
        name = fault.kind if fault else ""

        def settled(status: int) -> None:
            self._log.add(Request(iso(self._clock.now()), method, path, operation, status, name))

        call = Call(self._app, scope, body=body, answer=Answer(send, settled))
        try:
            await (call.carry_out() if fault is None else _ACTIONS[fault.kind](fault, call))
        except asyncio.CancelledError:  # the server closes while the request is held
            await call.hang_up()


class Answer:
    """The way back to the client. `settled` gets the status before the client does, so that no log comes too late."""

    def __init__(self, send: Send, settled: Callable[[int], None]) -> None:
        self._send = send
        self.settled = settled

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.settled(message["status"])
        await self._send(message)

    async def json(self, status: int, content: Any, **headers: str) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if status != 204:
            pairs += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self({"type": "http.response.start", "status": status, "headers": pairs})
        await self({"type": "http.response.body", "body": body})


class Call:
    """One request on its way to the application."""

    def __init__(self, app: ASGIApp, scope: Scope, *, body: bytes, answer: Answer) -> None:
        self._app = app
        self._scope = scope
        self._body = body
        self.answer = answer

    async def carry_out(self, answer: Send | None = None) -> None:
        await self._app(self._scope, _replay(self._body), answer or self.answer)

    async def carry_out_silently(self) -> bytes:
        """The application does its work; its answer goes nowhere, and is returned."""
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            parts.append(message.get("body", b""))

        await self.carry_out(keep)
        return b"".join(parts)

    async def hang_up(self) -> None:
        """Close the connection without a byte; the server then sends no answer of its own."""
        self.answer.settled(0)
        self._scope[TRANSPORT].abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def _status(fault: Fault, call: Call) -> None:
    headers = {"retry_after": fault.retry_after} if fault.retry_after else {}
    error = {"code": fault.code, "message": fault.message}
    await call.answer.json(fault.status or 503, {"error": error}, **headers)


async def _error_list(fault: Fault, call: Call) -> None:
    errors = [{"code": fault.code, "message": fault.message}]
    await call.answer.json(fault.status or 200, {"errors": errors})


async def _no_change(fault: Fault, call: Call) -> None:
    status = fault.status or 204
    await call.answer.json(status, None if status == 204 else {"result": "ok"})


async def _slow(fault: Fault, call: Call) -> None:
    await asyncio.sleep(fault.delay)
    await call.carry_out()


async def _drop_before(fault: Fault, call: Call) -> None:
    await call.hang_up()


async def _drop_after(fault: Fault, call: Call) -> None:
    await call.carry_out_silently()
    await call.hang_up()


async def _late(fault: Fault, call: Call) -> None:
    if not fault.hold:
        await call.hang_up()
    await asyncio.sleep(fault.delay)
    await (call.carry_out() if fault.hold else call.carry_out_silently())


async def _partial(fault: Fault, call: Call) -> None:
    document = json.loads(await call.carry_out_silently())
    path = _blank(document.get("data"), fault.field, [])
    if path:
        document.setdefault("errors", []).append({"message": fault.message, "path": path})
    await call.answer.json(200, document)


_ACTIONS = {
    "status": _status,
    "error_list": _error_list,
    "no_change": _no_change,
    "slow": _slow,
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "late": _late,
    "partial": _partial,
}


def _blank(value: Any, field: str, path: list[str | int]) -> list[str | int]:
    """Set the first `field` in the tree to null and return its path; empty if there is none."""
    if isinstance(value, dict) and field in value:
        value[field] = None
        return [*path, field]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if found := _blank(member, field, [*path, key]):
            return found
    return []


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
