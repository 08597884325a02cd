"""Requests of the camera page: who may ask, what is read of them, and how refusals are answered."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from integrations.camera.models import Visit
from integrations.camera.protocol.errors import ArrivalRefused
from integrations.camera.services import visiting
from integrations.camera.services.refusals import Malformed, NotNow, NoVisit, Refusal
from integrations.camera.services.uploading import TooLarge, not_now
from integrations.core import safe_json

logger = logging.getLogger(__name__)

COOKIE = "fp_visit"
OWN_HEADER = "X-Fieldport"
SAFE = ("GET", "HEAD")
MOST_JSON_BYTES = 64 * 1024

Answer = HttpResponse
View = Callable[..., Answer]


class Foreign(Refusal):
    code, answer = "foreign_request", 403
    title = "This request does not come from the camera page."


def asked(*methods: str) -> Callable[[View], View]:
    """Make a view of the page's interface: these methods, from our own page only, refusals as JSON, nothing cached.

    Django's own CSRF check wants a form's token and a session; here a header that no form can send, and where the
    browser says that the request comes from, do the same.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def run(request: HttpRequest, **named: Any) -> Answer:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return _answered(view, request, named)

        return run

    return decorate


def _answered(view: View, request: HttpRequest, named: dict[str, Any]) -> Answer:
    try:
        if request.method not in SAFE:
            check_own(request)
        return view(request, **named)
    except Refusal as error:
        return refused(error)
    except ArrivalRefused as error:
        return JsonResponse({"code": error.code, "title": str(error)}, status=422)
    except Exception as error:
        refusal = not_now(error)
        if refusal is None:
            raise
        logger.error("%s: %s", refusal.code, type(error).__name__)
        return refused(refusal)


def refused(error: Refusal, **more: Any) -> JsonResponse:
    response = JsonResponse({"code": error.code, "title": str(error), **more}, status=error.answer)
    if isinstance(error, NotNow):
        response["Retry-After"] = str(error.wait)
    return response


def of_visit(view: View) -> View:
    """Give a view the visit that its address names, if the cookie opens it. :raises NoVisit: :raises VisitOver:"""

    @wraps(view)
    def run(request: HttpRequest, *, visit: UUID, **named: Any) -> Answer:
        secret = request.COOKIES.get(COOKIE, "")
        if not secret:
            raise NoVisit
        found: Visit = visiting.open_visit(visit, secret, now=timezone.now())
        return view(request, visit=found, **named)

    return run


def check_own(request: HttpRequest) -> None:
    """:raises Foreign: for a request that a page of another site may have sent"""
    if request.headers.get(OWN_HEADER) != "1":
        raise Foreign
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        raise Foreign
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in (request.get_host(), urlsplit(settings.PUBLIC_URL).netloc):
        raise Foreign


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a request. :raises Malformed: :raises TooLarge:"""
    if request.content_type != "application/json":
        raise Malformed("The body is JSON: Content-Type: application/json.")
    data = read_body(request, most=MOST_JSON_BYTES)
    try:
        found = safe_json.parse(data, max_bytes=MOST_JSON_BYTES, max_depth=8)
    except safe_json.UnreadableJSON:
        # Its message may show what was sent, and a token may be in that.
        raise Malformed("The body is not JSON that can be read.") from None
    if not isinstance(found, dict):
        raise Malformed("The body is a JSON object.")
    return found


def read_body(request: HttpRequest, *, most: int) -> bytes:
    """Return the body, past Django's limit for forms. :raises TooLarge:"""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most:
        raise TooLarge(f"At most {most} bytes are read at once.")
    data: bytes = request.read(most + 1)
    if len(data) > most:
        raise TooLarge(f"At most {most} bytes are read at once.")
    return data


def text(body: dict[str, Any], name: str, *, most: int, needed: bool = False) -> str:
    """Return a text of the body. :raises Malformed:"""
    value = body.get(name, "")
    value = "" if value is None else value
    if not isinstance(value, str) or len(value) > most or (needed and not value):
        raise Malformed(f"{name} is a text of at most {most} characters.")
    return value


def flag(body: dict[str, Any], name: str) -> bool:
    """:raises Malformed:"""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Malformed(f"{name} is true or false.")
    return value
