"""Frames on a pair of file descriptors: kind (one byte), length (four bytes, big-endian), payload."""

import os
import struct

HEADER = struct.Struct(">cI")
RUN_HEADER = struct.Struct(">dQIIIBI")
"""Of RUN: CPU seconds, engine memory, largest end, largest call, bytes of logs, mode, length of the source.

Then the source and the input."""
GO, ASK_AND_GO, CHECK, CHECK_STRICTLY = range(4)  # modes of RUN

READY, CALL, LOG, END = b"r", b"c", b"l", b"e"  # from the jail
RUN, ANSWER = b"R", b"A"  # into it
_PIECE = 1 << 16


class Wire:
    """The jail's end. When the parent is gone, so is this process: nothing else would end it."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target

    def send(self, kind: bytes, payload: bytes) -> None:
        frame = memoryview(HEADER.pack(kind, len(payload)) + payload)
        try:
            while frame:
                frame = frame[os.write(self._target, frame) :]
        except OSError:
            os._exit(0)

    def receive(self) -> tuple[bytes, bytes]:
        kind, length = HEADER.unpack(self._exactly(HEADER.size))
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        pieces = []
        while length > 0:
            try:
                piece = os.read(self._source, min(length, _PIECE))
            except OSError:
                piece = b""
            if not piece:
                os._exit(0)
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)
