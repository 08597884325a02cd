"""The one way to open a websocket to an address that someone may set: guarded, bounded, typed errors."""

import logging
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from integrations.core import network
from integrations.core.errors import AddressRefused, AuthFailed, OutboundOff, PermanentError, TransientError
from integrations.core.http import USER_AGENT
from integrations.core.transport import NO_TLS, TLS, tls_context

# A handshake with one of these says that nothing changes by trying again at once (OMNI sheet, 5).
REFUSALS = frozenset({400, 401, 403, 404, 409})
CONNECT_SECONDS = 5.0
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
PING_SECONDS = 30.0
MAX_BYTES = 1024 * 1024
QUEUE = 256

logger = logging.getLogger(__name__)
logger.setLevel(logging.ERROR + 1)  # what goes wrong is raised; an address in a log would show its keys


class WebSocket:
    """An open websocket. A peer that does not answer a ping for as long as the time between two is given up."""

    def __init__(self, connection: ClientConnection, *, shown: str, closing: ExitStack) -> None:
        self._connection, self._shown, self._closing = connection, shown, closing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def receive(self, *, seconds: float | None = None) -> str | bytes | None:
        """Return the next message; None if there is none within `seconds`. :raises TransientError: when it is closed"""
        try:
            return self._connection.recv(timeout=seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise _closed(error, shown=self._shown) from error

    def close(self) -> None:
        self._closing.close()


def open_websocket(
    url: str, *, headers: Mapping[str, str] | None = None, tls: TLS = NO_TLS, ping: float = PING_SECONDS
) -> WebSocket:
    """Open ws:// or wss://. Only host and path are named in errors: what follows may be a key. `ping`: seconds.

    :raises PermanentError: if the handshake is refused for a reason that stays; `status` says which
    :raises TransientError: if it cannot be reached :raises OutboundOff: if nothing may leave
    """
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if settings.OUTBOUND == "off":
        raise OutboundOff(f"{shown}: not opened, because this installation is set to OUTBOUND=off.")
    secure, host = parts.scheme == "wss", parts.hostname or ""
    try:
        sock = network.connect(host, parts.port or (443 if secure else 80), timeout=CONNECT_SECONDS)
    except AddressRefused:
        raise
    except OSError as error:
        raise TransientError(f"{shown}: no connection ({type(error).__name__}).") from error
    closing = ExitStack()
    try:
        opening = connect(
            url,
            sock=sock,
            ssl=tls_context(tls) if secure else None,
            server_hostname=host if secure else None,
            additional_headers=headers,
            user_agent_header=USER_AGENT,
            compression=None,
            proxy=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=ping,
            ping_timeout=ping,
            max_size=MAX_BYTES,
            max_queue=QUEUE,
            logger=logger,
        )
        connection = closing.enter_context(opening)
    except InvalidStatus as error:
        raise _refused(error, shown=shown) from error
    except ValueError as error:  # a redirect, which the library follows only where it opens the socket itself
        if not isinstance(error.__cause__, InvalidStatus):
            raise
        raise _refused(error.__cause__, shown=shown) from error
    except (OSError, InvalidHandshake, InvalidURI, ssl.SSLError, EOFError) as error:
        sock.close()
        raise TransientError(f"{shown}: the handshake failed ({type(error).__name__}).") from error
    return WebSocket(connection, shown=shown, closing=closing)


def _refused(error: InvalidStatus, *, shown: str) -> TransientError | PermanentError:
    status = error.response.status_code
    said = f"{shown}: the handshake was refused with {status}."
    if status in REFUSALS:
        return (AuthFailed if status in (401, 403) else PermanentError)(said, status=status)
    return TransientError(said, status=status, retry_after=_seconds(error.response.headers.get("Retry-After")))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and len(text) < 6 else None


def _closed(error: ConnectionClosed, *, shown: str) -> TransientError:
    if error.rcvd:
        return TransientError(f"{shown}: closed by the other side, code {error.rcvd.code}.", status=error.rcvd.code)
    return TransientError(f"{shown}: the connection is gone.")
