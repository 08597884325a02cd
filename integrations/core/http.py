"""The one way to speak HTTP to an address that someone may set: guarded, bounded in time and size, typed errors."""

import http.client
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Protocol, TypedDict, Unpack, runtime_checkable

import requests
import urllib3
from django.conf import settings
from requests.auth import AuthBase

from integrations.core import transport
from integrations.core.answers import added_secrets, described, error_for, failure_for, masked, sent_secrets
from integrations.core.errors import AnswerTooLarge, Captured, OutboundOff, PermanentError
from integrations.core.ids import current_correlation_id
from integrations.core.sockets import Call
from integrations.core.targets import is_own, joined
from integrations.core.transport import NO_TLS, TLS

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MAX_ANSWER_BYTES = 5 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024
USER_AGENT = "Fieldport/0.1"

_DROPPED = (requests.ConnectionError, urllib3.exceptions.ProtocolError)
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, UnicodeError)

# Gives the time (monotonic, seconds) at which the request must be over, whatever its own timeout says.
Gate = Callable[[], AbstractContextManager[float]]


@runtime_checkable
class Renewable(Protocol):
    """An auth that can sign in anew after a 401."""

    def renew(self) -> bool:
        """Get new credentials; False if there is no point in trying again."""


class Options(TypedDict, total=False):
    """What a request may carry. `timeout` is the total, in seconds; `effect` overrides what the method says."""

    params: Mapping[str, Any] | Sequence[tuple[str, Any]]
    headers: Mapping[str, str]
    json: Any
    data: bytes | str | Mapping[str, Any]
    files: Any
    timeout: float
    effect: bool
    raise_for_status: bool


@dataclass(repr=False)
class OutboundClient:
    """Speaks HTTP to one system. Raises TransientError, PermanentError (or a kind of them) or Captured, nothing else.

    `auth`, `headers` and `tls` go to the origin of `base_url` only, never to a host of `allow_hosts` (`host`,
    `host:port`, `.domain` for what is below it, `*` for every public host). `gate` is entered around each send,
    and bounds it.
    """

    base_url: str = ""
    _: KW_ONLY
    auth: AuthBase | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: TLS = NO_TLS
    gate: Gate | None = None
    capture: bool = False
    allow_hosts: Collection[str] = ()
    timeout: float = TOTAL_SECONDS
    connect: float = CONNECT_SECONDS
    max_bytes: int = MAX_ANSWER_BYTES
    _added: set[str] = field(default_factory=set, init=False)

    def without_secrets(self, text: str) -> str:
        """Return the text of an answer with the credentials masked that this client has sent."""
        return masked(text, self._added)

    def request(self, method: str, url: str, **options: Unpack[Options]) -> requests.Response:
        """Send one request to a path below `base_url` or to an absolute address; the answer's body is in memory.

        :raises Captured: for an effect in capture mode; nothing was sent
        :raises Unsure: for an effect that may have been carried out
        """
        method = method.upper()
        effect = options.get("effect", method not in SAFE_METHODS)
        prepared, own = self._prepared(method, url, options)
        self._check_leaving(prepared, effect=effect)
        response, used = self._answer(prepared, own=own, effect=effect, seconds=options.get("timeout", self.timeout))
        if response.status_code < 300 or not options.get("raise_for_status", True):
            return response
        error = error_for(response, effect=effect, secrets=sent_secrets(used, plain=prepared))
        error.content = response.content
        error.headers = {name.lower(): value for name, value in response.headers.items()}
        raise error

    def _prepared(self, method: str, url: str, options: Options) -> tuple[requests.PreparedRequest, bool]:
        """Build the request without credentials; say whether it goes to our own origin."""
        prepared = requests.PreparedRequest()
        try:
            prepared.prepare(
                method=method,
                url=joined(self.base_url, url),
                params=options.get("params"),
                data=options.get("data"),
                json=options.get("json"),
                files=options.get("files"),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", "Accept": "*/*"},
            )
            own = is_own(prepared, base_url=self.base_url, allow_hosts=self.allow_hosts)
            self._add_headers(prepared, options, own=own)
        except (requests.RequestException, ValueError) as error:
            raise PermanentError(f"{method}: the request cannot be built: {error}") from error
        return prepared, own

    def _add_headers(self, prepared: requests.PreparedRequest, options: Options, *, own: bool) -> None:
        if correlation_id := current_correlation_id():
            prepared.headers["X-Correlation-Id"] = correlation_id
        for headers in (self.headers if own else {}, options.get("headers") or {}):
            for name, value in headers.items():
                value.encode("latin-1")
                requests.utils.check_header_validity((name, value))
                prepared.headers[name] = value

    def _check_leaving(self, prepared: requests.PreparedRequest, *, effect: bool) -> None:
        if settings.OUTBOUND == "off":
            raise OutboundOff(f"{described(prepared)}: not sent, because this installation is set to OUTBOUND=off.")
        if effect and (self.capture or settings.OUTBOUND == "capture"):
            raise Captured(f"{described(prepared)}: recorded and not sent, because capture mode is on.")

    def _answer(
        self, prepared: requests.PreparedRequest, *, own: bool, effect: bool, seconds: float
    ) -> tuple[requests.Response, requests.PreparedRequest]:
        """Send with credentials; after a 401 sign in anew, once."""
        used = self._signed(prepared) if own else prepared
        response = self._exchange(used, own=own, effect=effect, seconds=seconds)
        if response.status_code == 401 and own and isinstance(self.auth, Renewable) and self.auth.renew():
            used = self._signed(prepared)
            response = self._exchange(used, own=own, effect=effect, seconds=seconds)
        return response, used

    def _signed(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.auth is None:
            return prepared
        signed = prepared.copy()
        signed.prepare_auth(self.auth)
        self._added.update(added_secrets(signed, plain=prepared))
        return signed

    def _exchange(
        self, prepared: requests.PreparedRequest, *, own: bool, effect: bool, seconds: float
    ) -> requests.Response:
        with self.gate() if self.gate else nullcontext(math.inf) as latest:
            call = Call(ends=min(time.monotonic() + seconds, latest), effect=effect)
            adapter = transport.adapter_for(self.tls if own else NO_TLS)
            try:
                return self._sent(prepared, adapter=adapter, call=call)
            except _FAILURES as error:
                if effect or not (call.reused and isinstance(error, _DROPPED)):
                    raise failure_for(error, request=prepared, call=call) from error
            # The server closed an idle connection as we took it up: a read is asked again on another.
            call = Call(ends=call.ends, effect=effect)
            try:
                return self._sent(prepared, adapter=adapter, call=call)
            except _FAILURES as error:
                raise failure_for(error, request=prepared, call=call) from error

    def _sent(
        self, prepared: requests.PreparedRequest, *, adapter: transport.GuardedAdapter, call: Call
    ) -> requests.Response:
        response = transport.send(prepared, adapter=adapter, call=call, connect=self.connect)
        try:
            response._content = self._body(response)
            response._content_consumed = True  # type: ignore[attr-defined]  # what Response.content itself sets
        except BaseException:
            response.raw.close()
            raise
        response.raw.release_conn()
        return response

    def _body(self, response: requests.Response) -> bytes:
        if sum(len(name) + len(value) for name, value in response.raw.headers.items()) > MAX_HEADER_BYTES:
            raise self._too_large(response, MAX_HEADER_BYTES)
        body: bytes = response.raw.read(self.max_bytes + 1, decode_content=True)
        if len(body) > self.max_bytes:
            raise self._too_large(response, self.max_bytes)
        return body

    def _too_large(self, response: requests.Response, cap: int) -> AnswerTooLarge:
        status = response.status_code
        said = f"{described(response.request)}: answered {status} with more than {cap} bytes."
        return AnswerTooLarge(f"{said} The answer was not read to its end.", status=status)
