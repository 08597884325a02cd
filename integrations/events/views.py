"""Taking recognition events in over HTTP: `POST /event-service/ingest/events`."""

import logging
from typing import Any, cast

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.core import safe_json
from integrations.events import access, services

logger = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024
MOST = 500
MAX_DEPTH = 32


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
