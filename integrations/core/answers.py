"""From an HTTP answer to one of our errors, with a start of its body that a person may see."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from integrations.core.errors import (
    AuthFailed,
    FieldportError,
    Forbidden,
    NotFound,
    PermanentError,
    TransientError,
    Unsure,
)
from integrations.core.sockets import Call

PLAIN_HEADERS = frozenset(
    {"user-agent", "accept", "accept-encoding", "content-type", "content-length", "x-correlation-id"}
)
BODY_START = 400
RETRY_AFTER_CAP = 24 * 3600.0
MASK = "•••"

_PERMANENT: dict[int, tuple[type[PermanentError], str]] = {
    401: (AuthFailed, "The credentials were not accepted; enter new ones in the connection."),
    403: (Forbidden, "The credentials do not allow this; ask the other system's administrator for the right."),
    404: (NotFound, "There is nothing at this address."),
    410: (NotFound, "What was at this address is gone."),
}
# Tried at the starts of words only: from within one it would be tried at each letter, 4 s for 4000 letters in a row.
_NAMED_SECRET = re.compile(
    r"""((?<![\w-])["']?[\w-]*(?:token|secret|password|passwd|api_?key|assertion)["']?\s*[:=]\s*["']?)[^\s"'&,;}<]+""",
    re.IGNORECASE,
)
_SECRET_WORDS = ("token", "secret", "password", "passwd", "api_key", "apikey", "assertion")


def error_for(response: requests.Response, *, effect: bool, secrets: Iterable[str] = ()) -> FieldportError:
    """Return the error that an unsuccessful answer means. `effect`: the request was meant to change something."""
    status, what = response.status_code, described(response.request)
    body = redacted(_body_start(response), secrets)
    said = f"{what}: answered {status}."
    if status in {429, 503}:
        wait = retry_after(response.headers.get("Retry-After", ""), now=datetime.now(UTC))
        return TransientError(f"{said} It will be tried again.", retry_after=wait, status=status, body_start=body)
    if status in (408, 425) or (status >= 500 and not effect):
        return TransientError(f"{said} It will be tried again.", status=status, body_start=body)
    if status >= 500:
        return Unsure(f"{said} It may have been carried out all the same.", status=status, body_start=body)
    if status == 300:
        several = "Several things match this address; make what names them unique in the other system."
        return PermanentError(f"{said} {several}", status=status, body_start=body)
    if 300 <= status < 400:
        return PermanentError(f"{said} {_redirect(response)}", status=status, body_start=body)
    kind, advice = _PERMANENT.get(status, (PermanentError, "The other system refused it; see the start of its answer."))
    return kind(f"{said} {advice}", status=status, body_start=body)


def _redirect(response: requests.Response) -> str:
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    shown = f"{target.scheme}://{target.hostname}{target.path}"
    return f"It points to {shown}. Redirects are not followed; if that is right, enter it as the address."


def described(request: requests.PreparedRequest) -> str:
    """Say which request it was, without the query: keys are sent there."""
    parts = urlsplit(request.url or "")
    return f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}"


def retry_after(value: str, *, now: datetime) -> float | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds or a date. At most a day; None if it says nothing."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), RETRY_AFTER_CAP)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), RETRY_AFTER_CAP)


def _body_start(response: requests.Response) -> str:
    return response.content[: BODY_START * 4].decode("utf-8", errors="replace").replace("\x00", "\ufffd")


def masked(text: str, secrets: Iterable[str]) -> str:
    """Mask known secrets, save those that are so short that they stand in any text."""
    for secret in sorted(filter(lambda secret: len(secret) > 3, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Cut a text for display, with known secrets and what looks like one masked before the cut."""
    text = masked(text, secrets)
    folded = text.casefold()
    if any(word in folded for word in _SECRET_WORDS):
        text = _NAMED_SECRET.sub(rf"\g<1>{MASK}", text)
    return text[:BODY_START]


def sent_secrets(request: requests.PreparedRequest, *, plain: requests.PreparedRequest) -> Iterator[str]:
    """Yield what must not be shown if the answer repeats it: header values, and what the auth added to `plain`."""
    for name, value in request.headers.items():
        if name.lower() not in PLAIN_HEADERS:
            yield from (str(value), str(value).rpartition(" ")[2])
    yield from _added_to_query(request, plain)


def added_secrets(request: requests.PreparedRequest, *, plain: requests.PreparedRequest) -> Iterator[str]:
    """Yield what the auth added to `plain`: header values, the last word of each, and values of the query."""
    for name, value in request.headers.items():
        if plain.headers.get(name) != value:
            yield from (str(value), str(value).rpartition(" ")[2])
    yield from _added_to_query(request, plain)


def _added_to_query(request: requests.PreparedRequest, plain: requests.PreparedRequest) -> Iterator[str]:
    if request.url == plain.url:
        return
    added = set(parse_qsl(urlsplit(request.url or "").query)) - set(parse_qsl(urlsplit(plain.url or "").query))
    yield from (value for _, value in added)


def failure_for(error: Exception, *, request: requests.PreparedRequest, call: Call) -> FieldportError:
    """Return the error that a request without an answer means; it depends on whether anything was sent."""
    what, why = described(request), _root(error)
    if isinstance(error, UnicodeError):
        return PermanentError(f"{what}: a header or the path holds characters that HTTP cannot carry.")
    if not call.sent:
        return TransientError(f"{what}: no connection ({why}). Nothing was sent; it will be tried again.")
    if call.effect:
        return Unsure(f"{what}: sent, and no complete answer came ({why}). It may have been carried out.")
    return TransientError(f"{what}: no complete answer came ({why}). It will be tried again.")


def _root(error: BaseException) -> str:
    """Return the words of the error at the bottom; those above it only repeat it."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return str(error) or type(error).__name__
