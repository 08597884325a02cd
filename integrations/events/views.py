"""Taking recognition events in, `POST /event-service/ingest/events`, and serving their pictures, `…/get-image/<id>`."""

import logging
from typing import Any, cast
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from integrations.core import files, safe_json
from integrations.core.signing import LinkExpired, LinkRefused
from integrations.core.work import WorkState
from integrations.events import access, services
from integrations.events.models import Picture, Standing
from integrations.events.selectors.pictures import opened

logger = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024
MOST = 500
MAX_DEPTH = 32
# The bytes are our own encoding of a decoded picture; these are the second lock. Pages of subscribers may show it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, max-age=3600",
}
UNKNOWN = "There is no such picture."
NOT_SERVED = {
    Standing.EXPIRED: ("expired", "This picture is not kept any longer.", 410),
    Standing.FAILED: ("not_fetched", "This picture could not be had from the platform that it was taken at.", 404),
    Standing.WAITING: ("not_yet", "This picture is still to be fetched. Ask again.", 503),
}
ASK_AGAIN_SECONDS, LONGEST_ASK_AGAIN = 2, 60


class _Refusal(Exception):
    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@csrf_exempt
@require_POST
def ingest(request: HttpRequest) -> HttpResponse:
    """Take 1 to 500 events; 202 means that what was accepted is committed."""
    try:
        token = access.allowed(request.headers, access.WRITE, now=timezone.now())
        result = services.ingest(cast(int, token.workspace_id), _items(request), now=timezone.now())
    except access.NotAllowed as refusal:
        return refused("not_allowed", str(refusal), status=refusal.status)
    except _Refusal as refusal:
        return refused(refusal.code, str(refusal), status=refusal.status)
    except DatabaseError as error:
        logger.warning("events were not stored: %s", error)
        answer = refused("not_now", "The events could not be stored just now. Send them again.", status=503)
        answer.headers["Retry-After"] = "5"
        return answer
    return JsonResponse(result.answer(), status=202)


def refused(code: str, message: str, *, status: int) -> JsonResponse:
    """Answer as the event service does: `{"error": …, "message": …}`."""
    answer = JsonResponse({"error": code, "message": message}, status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _items(request: HttpRequest) -> list[Any]:
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise _Refusal("too_large", f"The body has more than {MAX_BYTES} bytes.", status=413)
    try:
        items = safe_json.parse(body, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except safe_json.UnreadableJSON as error:
        raise _Refusal("unreadable", str(error)) from error
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise _Refusal("not_a_batch", f"The body is a JSON array of 1 to {MOST} events.")
    return items


@require_safe
def picture(request: HttpRequest, image_id: str) -> HttpResponse:
    """Answer with a picture that events name; 410 when its time is over, 503 with Retry-After until it is fetched."""
    try:
        found = opened(UUID(image_id), key=request.GET.get("key", ""), headers=request.headers, now=timezone.now())
    except ValueError:
        return refused("not_found", UNKNOWN, status=404)
    except access.NotAllowed as refusal:
        return refused("not_allowed", str(refusal), status=refusal.status)
    except LinkExpired as refusal:
        return refused("link_expired", str(refusal), status=410)
    except LinkRefused as refusal:
        return refused("not_allowed", str(refusal), status=401)
    return _served(found) if found else refused("not_found", UNKNOWN, status=404)


def _ask_again_after(row: Picture) -> int:
    """Return the seconds until it may be there: at once, unless it waits for another try."""
    waits = (row.due_at - timezone.now()).total_seconds() if row.state == WorkState.DUE else 0
    return round(min(max(waits, ASK_AGAIN_SECONDS), LONGEST_ASK_AGAIN))


def _served(row: Picture) -> HttpResponse:
    if row.standing != Standing.STORED:
        code, message, status = NOT_SERVED[row.standing]
        answer: HttpResponse = refused(code, message, status=status)
        if status == 503:
            answer.headers["Retry-After"] = str(_ask_again_after(row))
        return answer
    try:
        content = files.read(str(row.file.name))
    except FileNotFoundError:
        return refused("not_found", "The file of this picture is missing from the storage.", status=404)
    shown = {"Content-Disposition": f'inline; filename="{row.file_name}"'}
    return HttpResponse(content, content_type=row.content_type, headers=HEADERS | shown)
