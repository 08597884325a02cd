"""One jailed process, seen from outside: whatever it sends may be forged."""

import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from integrations.scripts.sandbox import kernel
from integrations.scripts.sandbox.jailed.wire import HEADER, READY
from integrations.scripts.sandbox.languages import Language

BOOT = "import sys; sys.path += sys.argv[1:3]; from jailed.main import main; main(*sys.argv[3:5])"
HERE = Path(__file__)
FOLDERS = (str(HERE.parent), str(HERE.parents[3]))
"""Where the program in the jail finds itself, and the filter of system calls in the core."""
KILLED_BY_CPU = {int(signal.SIGPROF), int(signal.SIGXCPU)}
_PIECE = 1 << 18


class Died(Exception):
    """The process has ended; `signal` says by which signal, 0 if by itself."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"The jailed process ended (signal {signal}).")
        self.signal = signal


class Misbehaved(Exception):
    """The process sent what it never sends by itself: it is not ours any more."""


class Jailed:
    """Frames to and from one process.

    `patience()` says how many seconds to wait before asking it again; it raises to give up.
    """

    def __init__(self, spoken: Language, *, boot: str = BOOT) -> None:
        self.language = spoken
        self._socket, inner = socket.socketpair()
        self._socket.setblocking(False)
        with inner:
            self._process = _started(spoken, inner, boot)
        self.pid = self._process.pid
        self.level = ""
        self.is_good = False
        self.runs = 0
        self._memory = 0
        self._buffer = bytearray()

    def greet(self, *, deadline: float) -> None:
        """Wait until it is ready for a script; `deadline` is a monotonic time. :raises TimeoutError:"""

        def patience() -> float:
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError("It took too long.")
            return left

        _, claimed = self.receive(most={READY: 16}.get, patience=patience)
        if self._buffer:
            raise Misbehaved("It spoke before it was asked.")
        if self._process.poll() is not None:
            raise self._death()
        self.runs += 1
        self.level = self.level or kernel.level_of(self.pid, claimed.decode("ascii", "replace"))

    def allow(self, memory: int) -> None:
        """Let the next script's engine have that many bytes."""
        if memory != self._memory:
            kernel.limit_memory(self.pid, memory)
            self._memory = memory

    def send(self, kind: bytes, payload: bytes, *, patience: Callable[[], float]) -> None:
        frame = memoryview(HEADER.pack(kind, len(payload)) + payload)
        while frame:
            try:
                frame = frame[self._socket.send(frame) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, patience)
            except OSError:
                raise self._death() from None

    def receive(self, *, most: Callable[[bytes], int | None], patience: Callable[[], float]) -> tuple[bytes, bytes]:
        """Return the next frame. `most` gives the largest payload of a kind, None for kinds that may not come now.

        :raises Misbehaved: if it is of another kind, or larger
        """
        self._fill(HEADER.size, patience)
        kind, length = HEADER.unpack_from(self._buffer)
        largest = most(kind)
        if largest is None or length > largest:
            raise Misbehaved(f"A frame {kind!r} of {length} bytes is not taken now.")
        self._fill(HEADER.size + length, patience)
        payload = bytes(self._buffer[HEADER.size : HEADER.size + length])
        del self._buffer[: HEADER.size + length]
        return kind, payload

    def _fill(self, length: int, patience: Callable[[], float]) -> None:
        while len(self._buffer) < length:
            self._wait(select.POLLIN, patience)
            try:
                piece = self._socket.recv(_PIECE)
            except BlockingIOError:
                continue
            except OSError:
                raise self._death() from None
            if not piece:
                raise self._death()
            self._buffer += piece

    def _wait(self, event: int, patience: Callable[[], float]) -> None:
        waiting = select.poll()
        waiting.register(self._socket, event)
        waiting.poll(max(1.0, patience() * 1000))

    def _death(self) -> Died:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # it has only closed its end
            return Died(0)
        return Died(-min(code, 0))

    def kill(self) -> None:
        """End the process now and reap it."""
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our end only: in a forked process, which is not its parent."""
        self._socket.close()


def _started(spoken: Language, inner: socket.socket, boot: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-I", "-S", "-c", boot, *FOLDERS, str(spoken.extension), str(spoken.folder)]
    nothing: dict[str, str] = {}
    ours, quiet = inner.fileno(), subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  our own program, with our own arguments
        command, stdin=ours, stdout=ours, stderr=quiet, env=nothing, cwd="/", close_fds=True, start_new_session=True
    )
