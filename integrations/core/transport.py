"""The sockets under `core.http`: guarded connections, a total deadline, keep-alive pools, client certificates."""

import math
import os
import socket
import ssl
import tempfile
import threading
import time
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from integrations.core import network
from integrations.core.errors import PermanentError

# Servers close idle connections after 2 to 75 s. A read that meets such a close is sent again; a write must not
# meet it.
IDLE_SECONDS = 30.0
IDLE_SECONDS_BEFORE_EFFECT = 1.0
ADAPTERS = 32


@dataclass
class Call:
    """One request on its way. `sent` tells "surely not sent" from "maybe carried out"."""

    ends: float
    effect: bool
    sent: bool = False
    reused: bool = False

    def seconds_left(self) -> float:
        return max(self.ends - time.monotonic(), 0.001)


current_call: ContextVar[Call] = ContextVar("outbound_call")


class _Hurried:
    """A socket that gives up at `ends`: a timeout of each read alone lets a slow sender hold the worker for hours."""

    ends = math.inf

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        if left < (self.gettimeout() or math.inf):  # type: ignore[attr-defined]  # a mix-in for both kinds of socket
            self.settimeout(left)  # type: ignore[attr-defined]  # as above
        return super().recv_into(*args, **kwargs)  # type: ignore[misc,no-any-return]  # as above


class HurriedSocket(_Hurried, socket.socket):
    """A plain TCP socket with a total deadline."""


class HurriedTLSSocket(_Hurried, ssl.SSLSocket):
    """A TLS socket with a total deadline."""


class _Guarded(HTTPConnection):
    last_used = 0.0

    def _new_conn(self) -> socket.socket:
        try:
            return network.connect(
                self._dns_host,
                self.port or self.default_port,
                timeout=float(self.timeout or 1.0),
                socket_class=HurriedSocket,
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error

    @property
    def is_connected(self) -> bool:
        limit = IDLE_SECONDS_BEFORE_EFFECT if current_call.get().effect else IDLE_SECONDS
        return time.monotonic() - self.last_used < limit and super().is_connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        call = current_call.get()
        if self.sock is None:
            self.connect()
        else:
            call.reused = self.last_used > 0.0
        if isinstance(self.sock, _Hurried):
            self.sock.ends = call.ends
        self.timeout = call.seconds_left()
        call.sent = True
        super().request(*args, **kwargs)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        response = super().getresponse()
        self.last_used = time.monotonic()
        return response

    def close(self) -> None:
        super().close()
        self.last_used = 0.0


class _GuardedTLS(_Guarded, HTTPSConnection):
    """As `_Guarded`, with TLS verified against the host name, whatever address was connected to."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLS


class GuardedAdapter(HTTPAdapter):
    """requests' adapter over guarded connections. Nothing is retried, redirected or taken from the environment."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=64, pool_maxsize=32)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to the context: requests would load the whole CA bundle again for each new connection."""


@dataclass(frozen=True)
class TLS:
    """A client certificate with its key, and the customer's own authorities; both PEM text, both optional."""

    client_pem: str = ""
    authorities_pem: str = ""

    def __repr__(self) -> str:
        return "TLS(…)"


NO_TLS = TLS()


def tls_context(tls: TLS) -> ssl.SSLContext:
    """Make a verifying context that trusts the bundled and the system's authorities.

    :raises PermanentError: if the certificate, its key or the authorities cannot be read
    """
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.load_default_certs()
    context.sslsocket_class = HurriedTLSSocket
    try:
        if tls.authorities_pem:
            context.load_verify_locations(cadata=tls.authorities_pem)
        if tls.client_pem:
            _load_client_certificate(context, tls.client_pem)
    except (ssl.SSLError, ValueError):
        raise PermanentError(
            "The client certificate or the authorities of this connection cannot be read. "
            "Enter PEM text: the certificate, then its private key without a password."
        ) from None
    return context


def _load_client_certificate(context: ssl.SSLContext, pem: str) -> None:
    # OpenSSL reads it from a file only; this one has mode 0600 and is gone when the block ends.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name, password=lambda: b"")


class _Adapters:
    """This process's adapters by certificate, the longest unused dropped first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: OrderedDict[TLS, GuardedAdapter] = OrderedDict()

    def get(self, tls: TLS) -> GuardedAdapter:
        with self._lock:
            if tls not in self._by_key:
                self._by_key[tls] = GuardedAdapter(tls_context(tls))
            self._by_key.move_to_end(tls)
            while len(self._by_key) > ADAPTERS:
                self._by_key.popitem(last=False)
            return self._by_key[tls]

    forget = __init__


_adapters = _Adapters()
# A forked child must not speak on its parent's connections.
os.register_at_fork(after_in_child=_adapters.forget)


def adapter_for(tls: TLS) -> GuardedAdapter:
    """Return this process's adapter for these certificates; connections are pooled across clients."""
    return _adapters.get(tls)


def send(
    prepared: requests.PreparedRequest, *, adapter: GuardedAdapter, call: Call, connect: float
) -> requests.Response:
    """Send one prepared request; the answer's body is still on the wire."""
    token = current_call.set(call)
    left = call.seconds_left()
    try:
        return adapter.send(prepared, stream=True, timeout=(min(connect, left), left), proxies={})
    finally:
        current_call.reset(token)
