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
    """The jail's end: blocking, and at its end when the parent is gone."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target

    def send(self, kind: bytes, payload: bytes) -> None:
        frame = memoryview(HEADER.pack(kind, len(payload)) + payload)
        while frame:
            frame = frame[os.write(self._target, frame) :]

    def receive(self) -> tuple[bytes, bytes] | None:
        """Return the next frame; None when the parent has closed its end."""
        header = self._exactly(HEADER.size)
        if header is None:
            return None
        kind, length = HEADER.unpack(header)
        payload = self._exactly(length)
        return None if payload is None else (kind, payload)

    def _exactly(self, length: int) -> bytes | None:
        pieces = []
        while length > 0:
            piece = os.read(self._source, min(length, _PIECE))
            if not piece:
                return None
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)
