"""The ways out under `core.http`: keep-alive pools of guarded connections, one set for each client certificate."""

import os
import ssl
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager

from integrations.core.errors import PermanentError
from integrations.core.sockets import Call, GuardedConnection, GuardedTLSConnection, HurriedTLSSocket, current_call

ADAPTERS = 32


class _Pool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = GuardedTLSConnection


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
