"""What a connector token may be: 1 to 255 characters, no `&` (2.1). It travels in the fragment and is never shown."""

import re
from urllib.parse import unquote

from integrations.camera.protocol.errors import TokenRefused

MOST_CHARACTERS = 255

# What a browser leaves alone in a fragment, or encodes there and `candidates` decodes; without spaces, which get lost.
_ISSUABLE = re.compile(r"[!-%'-~]+")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff]")


def check_issued(value: str) -> str:
    """Return a value that may be given out as a token; also a token of the vendor's that is entered here.

    :raises TokenRefused: if no browser could bring it back in `#token=`
    """
    _check_length(value)
    if "&" in value:
        raise TokenRefused("A token must not contain '&': in the fragment it would end there.")
    if not _ISSUABLE.fullmatch(value):
        raise TokenRefused("A token has visible ASCII characters only, without spaces.")
    return value


def candidates(value: str) -> tuple[str, ...]:
    """Return what to look up for the token that a page sent, in order: as it came, then percent-decoded.

    :raises TokenRefused: if it can be no token (2.9: an error page, no redirect)
    """
    _check_length(value)
    decoded = unquote(value, errors="replace")
    found = tuple(each for each in dict.fromkeys((value, decoded)) if _may_arrive(each))
    if not found:
        raise TokenRefused("This is not a token.")
    return found


def out_of_order(value: str) -> bool:
    """Say whether parameters were put after the fragment, where they are lost: "check the order of the URL" (2.9)."""
    return bool(re.search(r"[?&][^=?&]+=", value))


def _may_arrive(value: str) -> bool:
    return 0 < len(value) <= MOST_CHARACTERS and "&" not in value and not _UNSEEN.search(value)


def _check_length(value: str) -> None:
    if not 0 < len(value) <= MOST_CHARACTERS:
        raise TokenRefused(f"A token has 1 to {MOST_CHARACTERS} characters; this one has {len(value)}.")
