"""`POST /event-service/graphql`: who asks, what is asked, and the answer as GraphQL over HTTP has it."""

from collections.abc import Callable
from math import ceil
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from integrations.connections.throttling import seconds_to_wait
from integrations.core import safe_json
from integrations.events import access
from integrations.events.graphql import errors
from integrations.events.graphql.calling import Call
from integrations.events.graphql.running import Asked, run

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
RETRY_AFTER = "5"


class _Refusal(Exception):
    def __init__(self, message: str, *, status: int = 400, code: str = errors.BAD_REQUEST, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer one operation of whoever has a token; a missing or wrong one is answered with 401."""
    return answered(request, _by_token)


def answered(request: HttpRequest, call_of: Callable[[HttpRequest], Call]) -> HttpResponse:
    """Answer one operation; `call_of` says who asks. What GraphQL finds wrong is answered with 200."""
    try:
        if request.method != "POST":
            raise _Refusal("Operations are sent by POST.", status=405, Allow="POST")
        return _sent(run(call_of(request), _asked(request)))
    except access.NotAllowed as refusal:
        return _refused(str(refusal), errors.UNAUTHENTICATED, refusal.status, {"WWW-Authenticate": "Bearer"})
    except _Refusal as refusal:
        return _refused(str(refusal), refusal.code, refusal.status, refusal.headers)
    except (OperationalError, InterfaceError):
        return _sent({"errors": [{"message": errors.AWAY, "extensions": {"code": errors.UNAVAILABLE}}]})


def _by_token(request: HttpRequest) -> Call:
    now = timezone.now()
    token = access.token_of(request.headers, now=now)
    if wait := ceil(seconds_to_wait(token)):
        said = f"This token asks too often. Ask again in {wait} s."
        raise _Refusal(said, status=429, code=errors.TOO_OFTEN, **{"Retry-After": str(wait)})
    return Call.with_token(token, now=now)


def _asked(request: HttpRequest) -> Asked:
    if request.content_type != "application/json":
        raise _Refusal("Send it as Content-Type: application/json.", status=415)
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise _Refusal(f"The body has more than {MAX_BYTES} bytes.", status=413)
    try:
        given = safe_json.parse(body, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except safe_json.UnreadableJSON as error:
        raise _Refusal(str(error)) from error
    if isinstance(given, list):
        raise _Refusal("Several operations in one request are not answered; send each by itself.")
    return _read(given)


def _read(given: Any) -> Asked:
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise _Refusal('query: It is missing. Send {"query": "…", "variables": {…}}.')
    variables, name = given.get("variables"), given.get("operationName")
    if not isinstance(variables, dict | None):
        raise _Refusal("variables: It is an object of values by name.")
    if not isinstance(name, str | None):
        raise _Refusal("operationName: It is a text.")
    return Asked(given["query"], variables or {}, name)


def _refused(message: str, code: str, status: int, headers: dict[str, str]) -> JsonResponse:
    answer = JsonResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status=status)
    for name, value in headers.items():
        answer.headers[name] = value
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sent(answer: dict[str, Any]) -> JsonResponse:
    """A database that is away is 503, so that clients and proxies try again; all else is 200."""
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    response = JsonResponse(answer, status=503 if errors.UNAVAILABLE in codes else 200)
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    response.headers["Cache-Control"] = "no-store"
    return response
