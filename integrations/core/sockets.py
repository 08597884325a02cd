"""Guarded connections: judged addresses, a total deadline on every read, and no write on a stale connection."""

import math
import socket
import ssl
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from integrations.core import network

# Servers close idle connections after 2 to 75 s. A read that meets such a close is sent again; a write must not
# meet it.
IDLE_SECONDS = 30.0
IDLE_SECONDS_BEFORE_EFFECT = 1.0


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


class GuardedConnection(HTTPConnection):
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
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Send, unless the time is up: a process that was stopped must not send what another has done meanwhile."""
        call = current_call.get()
        if time.monotonic() >= call.ends:
            raise TimeoutError("the time was up before it could be sent")
        call.sent = True
        super().send(data)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        response = super().getresponse()
        self.last_used = time.monotonic()
        return response

    def close(self) -> None:
        super().close()
        self.last_used = 0.0


class GuardedTLSConnection(GuardedConnection, HTTPSConnection):
    """As `GuardedConnection`, with TLS verified against the host name, whatever address was connected to."""
