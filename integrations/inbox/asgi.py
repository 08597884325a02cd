"""Receiving: `POST /hooks/<token>/`, mounted before Django, since Django's request path is what costs most here.

A 2xx means that the row is committed. What passed the source's check is kept, readable or not.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from integrations.core.ids import new_correlation_id
from integrations.core.platforms import Incoming, InvalidSignature
from integrations.inbox import quarantine, sources
from integrations.inbox.insertion import Kept
from integrations.inbox.models import kept_headers
from integrations.inbox.sources import Source
from integrations.inbox.verification import delivery_key, verify
from integrations.inbox.writer import Overloaded, writer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = re.compile(r"/hooks/([A-Za-z0-9_-]{16,64})/?")
BODY_SECONDS = 30.0
CLOSE_SECONDS = 10.0
MOST_HEADER_BYTES = 32 * 1024
DATABASE_THREADS = 2
_database = ThreadPoolExecutor(max_workers=DATABASE_THREADS, thread_name_prefix="inbox-database")


@dataclass(frozen=True)
class Reply:
    status: int
    problem: str = ""
    retry_after: int = 0


NOT_NOW = Reply(503, "The webhook could not be stored just now. Send it again.", retry_after=5)


class ClientGone(Exception):
    """The client hung up before its body was whole."""


class TooLarge(Exception):
    """The body is larger than the source takes."""


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI application for everything under /hooks/."""
    try:
        reply = await answer(scope, receive)
    except ClientGone:
        return
    except DatabaseError:
        reply = NOT_NOW
    body = json.dumps({"title": reply.problem}).encode() if reply.problem else b""
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", b"application/problem+json"))
    if reply.retry_after:
        headers.append((b"retry-after", str(reply.retry_after).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def close() -> None:
    """Commit what waits and end the database sessions of the receiving threads; a later request opens new ones."""
    writer.stop()
    each_in_its_own = Barrier(DATABASE_THREADS)
    for closing in [_database.submit(_close_session, each_in_its_own) for _ in range(DATABASE_THREADS)]:
        closing.result()


def _close_session(each_in_its_own: Barrier) -> None:
    connection.close()
    with suppress(BrokenBarrierError):
        each_in_its_own.wait(CLOSE_SECONDS)


async def answer(scope: Scope, receive: Receive) -> Reply:
    """Decide on one request; every refusal asks the database first, never only the cache."""
    match = PATH.fullmatch(scope["path"])
    token = match.group(1) if match else ""
    source = sources.cached(token) or (await _load(token) if token else None)
    if source is None:
        return Reply(404, "No source has this address. Copy the address from the source's page.")
    if scope["method"] in ("GET", "HEAD"):
        return Reply(200)
    if scope["method"] != "POST":
        return Reply(405, "Send webhooks with POST.")
    try:
        body = await _read_body(scope, receive, limit=source.max_bytes)
    except TooLarge:
        return Reply(413, f"The body is larger than the {source.max_bytes} bytes that this source takes.")
    except TimeoutError:
        return Reply(408, f"The body did not arrive within {BODY_SECONDS:.0f} s.")
    return await _take(source, token, Incoming(headers=_headers(scope), body=body, query=_query(scope)), scope)


async def _take(source: Source, token: str, request: Incoming, scope: Scope) -> Reply:
    try:
        verify(source, request)
    except InvalidSignature:
        refusal = await _second_look(token, request, scope)
        if refusal is not None:
            return refusal
    return await _keep(source, request, scope)


async def _second_look(token: str, request: Incoming, scope: Scope) -> Reply | None:
    """Check once more against the source as it is stored now; None if it passes, else the refusal."""
    source = await _load(token)
    if source is None:
        return Reply(404, "No source has this address.")
    try:
        verify(source, request)
    except InvalidSignature as error:
        await _in_thread(quarantine.keep, source.id, str(error), request.body, kept_headers(scope["headers"]))
        return Reply(401, str(error))
    return None


async def _keep(source: Source, request: Incoming, scope: Scope) -> Reply:
    row = Kept(
        source_id=source.id,
        delivery_key=delivery_key(source, request),
        body=request.body,
        body_size=len(request.body),
        headers=kept_headers(scope["headers"]),
        query=request.query,
        received_at=timezone.now(),
        correlation_id=new_correlation_id(),
    )
    try:
        await writer.keep(row)
    except (Overloaded, DatabaseError):
        return NOT_NOW
    return Reply(200)


async def _load(token: str) -> Source | None:
    source: Source | None = await _in_thread(sources.load, token)
    return source


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(_database, call, *args)


async def _read_body(scope: Scope, receive: Receive, *, limit: int) -> bytes:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    message = await asyncio.wait_for(receive(), BODY_SECONDS)
    chunks = [_chunk(message)]
    size = len(chunks[0])
    while message.get("more_body") and size <= limit:
        message = await asyncio.wait_for(receive(), BODY_SECONDS)
        chunks.append(_chunk(message))
        size += len(chunks[-1])
    if size > limit:
        raise TooLarge
    return b"".join(chunks)


def _chunk(message: MutableMapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    return body


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _query(scope: Scope) -> str:
    query: str = scope.get("query_string", b"").decode("latin-1")
    return query
