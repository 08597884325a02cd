"""Who may open a websocket: the handshake's query against the endpoint as it is stored now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID

from django.utils import timezone

from integrations.events import access, cursors
from integrations.events.models import Endpoint, WebsocketErrors
from integrations.events.selectors.feed import CursorExpired, Log, log_of
from integrations.events.services.subscribing import opens

MOST_FIELDS = 20
GONE, FORBIDDEN, EXPIRED, BUSY, BAD = 404, 401, 410, 429, 400


@dataclass(frozen=True)
class Admitted:
    """A socket that may open. It has had everything up to event `place`; `key` is what it presented.

    `cursors`: its frames carry one, since it asked by `since` to be able to go on later.
    """

    endpoint_id: str
    workspace_id: int
    place: int
    cursors: bool
    key: str
    says_codes: bool = False


@dataclass
class Refusal(Exception):
    """A handshake that is refused. `says_codes`: accept it first, then close with `4000 + status`."""

    status: int
    code: str
    message: str
    says_codes: bool = False
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, str]:
        return {"error": self.code, "message": self.message, **self.more}

    @property
    def close_code(self) -> int:
        return 4000 + self.status


def admit(query: str, headers: Mapping[str, str]) -> Admitted:
    """Look the endpoint up and judge. :raises Refusal:"""
    given = _parameters(query)
    row = Endpoint.objects.filter(pk=_id_of(given)).first()
    if row is None:
        raise Refusal(GONE, "not_found", "There is no such endpoint. Copy the address from its page.")
    says_codes = row.ws_errors == WebsocketErrors.CLOSE_CODES
    if not row.is_websocket:
        raise Refusal(409, "webhook", "This endpoint is a webhook; its events are sent to its address.", says_codes)
    key = headers.get("token", "").strip() or given.get("access", "")
    if not _may(row, key):
        raise Refusal(
            FORBIDDEN, "not_allowed", "This endpoint asks for its key: ?access=… or the header Token.", says_codes
        )
    log = log_of(row.workspace_id)
    return Admitted(
        endpoint_id=str(row.pk),
        workspace_id=row.workspace_id,
        place=_place(log, given.get("since", ""), says_codes=says_codes),
        cursors="since" in given,
        key=key,
        says_codes=says_codes,
    )


def refused_now(workspace_id: int, keys: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], int]:
    """Return which (endpoint, key) may stay no longer, with the status that a new handshake would get."""
    rows = {str(row.pk): row for row in Endpoint.objects.of(workspace_id).filter(pk__in=list(keys))}
    found: dict[tuple[str, str], int] = {}
    for endpoint_id, presented in keys.items():
        row = rows.get(endpoint_id)
        for key in presented:
            if row is None:
                found[endpoint_id, key] = GONE
            elif not _may(row, key):
                found[endpoint_id, key] = FORBIDDEN
    return found


def _may(row: Endpoint, key: str) -> bool:
    """The endpoint's own key opens it, and a token of its workspace that may read events."""
    if opens(row, key):
        return True
    try:
        token = access.allowed({"token": key}, access.READ, now=timezone.now())
    except access.NotAllowed:
        return False
    return token.workspace_id == row.workspace_id


def _parameters(query: str) -> dict[str, str]:
    """Return the first value of each name."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refusal(BAD, "bad_query", f"The query cannot be read, or has more than {MOST_FIELDS} parts.") from None
    return dict(reversed(pairs))


def _id_of(given: Mapping[str, str]) -> UUID:
    try:
        return UUID(given.get("endpoint_id", ""))
    except ValueError:
        raise Refusal(BAD, "bad_endpoint_id", "endpoint_id is missing, or is not a UUID.") from None


def _place(log: Log, since: str, *, says_codes: bool) -> int:
    if not since:
        return log.last
    try:
        return log.place(since)
    except cursors.CursorInvalid as error:
        raise Refusal(BAD, "bad_cursor", str(error), says_codes) from None
    except CursorExpired as error:
        raise Refusal(EXPIRED, "cursor_expired", str(error), says_codes, {"oldestCursor": error.oldest}) from None
