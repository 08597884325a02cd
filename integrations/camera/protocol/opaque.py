"""Any bytes as a text that every database can store, and back without loss.

`state` is the caller's own and must come back character for character (2.5); but a database refuses NUL and what is not
UTF-8. Such bytes are kept in the last, unassigned code points of Unicode; every usual text is itself.
"""

_FIRST = 0x10FF00
_ODD_BYTES = {0: _FIRST} | {0xDC00 + byte: _FIRST + byte for byte in range(0x80, 0x100)}
# The code points that stand for bytes are, where they arrive as such, taken apart into bytes too.
_ARRIVING = _ODD_BYTES | {
    code: "".join(chr(_FIRST + byte) for byte in chr(code).encode()) for code in range(_FIRST, 0x110000)
}
_LEAVING = {kept: odd for odd, kept in _ODD_BYTES.items()}


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").translate(_ARRIVING)


def bytes_of(text: str) -> bytes:
    """Return the bytes whose text this is. Half a surrogate pair, which no bytes make, becomes `?`."""
    escaped = text.translate(_LEAVING)
    try:
        return escaped.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
