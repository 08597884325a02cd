"""One request to one destination, and what became of it. No database: this runs beside the pump, in its threads."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from integrations.core.answers import BODY_START, MASK, masked, redacted, retry_after
from integrations.core.errors import FieldportError, TransientError
from integrations.core.http import OutboundClient
from integrations.core.ids import correlated

MOST_READ = 64 * 1024
LONGEST_HEADER, MOST_HEADERS = 200, 40
# Answers may set cookies or repeat credentials: nobody needs those in a log.
HIDDEN = frozenset({"set-cookie", "authorization", "proxy-authorization", "www-authenticate"})


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A request, ready to leave. `own` headers are the destination's: their values are not shown."""

    url: str
    method: str
    body: str
    headers: Mapping[str, str]
    own: Mapping[str, str]
    correlation_id: str
    seconds: float
    connect_seconds: float
    capture: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a request: an answer's status, or the failure that left it without one."""

    ms: int = 0
    status: int | None = None
    failure: FieldportError | None = None
    asked: float | None = None
    note: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def again(self) -> bool:
        """It is worth trying again. `asked`: the seconds that the receiver wants us to wait (Retry-After)."""
        if self.status is None:
            return isinstance(self.failure, TransientError)
        return self.status in (408, 429) or self.status >= 500


class Client(OutboundClient):
    """Reads a start of the answer only, and takes its status for the answer, however the body goes on."""

    def _body(self, response: requests.Response) -> bytes:
        try:
            body: bytes = response.raw.read(MOST_READ, decode_content=True)
        except (HTTPError, OSError):
            body = b""
        if not response.raw.closed:
            response.raw.close()  # the rest of it must not be taken for the next answer on this connection
        return body


def send(sealed: Sealed) -> Outcome:
    """Send one message; never raises for what the other side does."""
    client = Client(sealed.url, timeout=sealed.seconds, connect=sealed.connect_seconds, capture=sealed.capture)
    shown = {"method": sealed.method, "headers": dict(sealed.headers) | dict.fromkeys(sealed.own, MASK)}
    started = time.monotonic()
    with correlated(sealed.correlation_id):
        try:
            response = client.request(
                sealed.method,
                sealed.url,
                data=sealed.body.encode(),
                headers={**sealed.headers, **sealed.own},
                raise_for_status=False,
            )
        except FieldportError as failure:
            return Outcome(ms=_ms(started), failure=failure, note=str(failure), request=shown)
    return _answered(response, ms=_ms(started), shown=shown, secrets=sealed.own.values())


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _answered(response: requests.Response, *, ms: int, shown: dict[str, Any], secrets: Iterable[str]) -> Outcome:
    status = response.status_code
    note = f"Answered {status} in {ms} ms."
    if 300 <= status < 400:
        note += " Redirects are not followed; enter the address that it points to."
    asked = retry_after(response.headers.get("Retry-After", ""), now=datetime.now(UTC))
    answer = {"headers": _headers(response, secrets), "body": _text(response.content, secrets)}
    return Outcome(ms=ms, status=status, note=note, asked=asked, request=shown, answer=answer)


def _headers(response: requests.Response, secrets: Iterable[str]) -> dict[str, str]:
    kept = islice(response.headers.items(), MOST_HEADERS)
    return {
        _storable(name): MASK if name.lower() in HIDDEN else masked(_storable(value), secrets)[:LONGEST_HEADER]
        for name, value in kept
    }


def _text(body: bytes, secrets: Iterable[str]) -> str:
    return redacted(_storable(body[: BODY_START * 4].decode(errors="replace")), secrets)


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "\ufffd")
