"""SHA-256 from the interpreter itself: hashlib would bring OpenSSL into the jail."""

try:
    from _sha2 import sha256 as _sha256  # type: ignore[import-not-found]  # Python 3.12 and later
except ImportError:
    from _sha256 import sha256 as _sha256  # type: ignore[import-not-found]


def sha256(data: bytes) -> str:
    return str(_sha256(data).hexdigest())
