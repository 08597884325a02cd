"""API errors as RFC 9457 problem details with a stable `code`."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

NO_FIELD = "non_field_errors"
PROGRAMS = ("/api/", "/v0.2/")


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "body_too_large"


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what DRF knows how to answer into a problem document; None lets Django answer."""
    error = understood(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    codes = error.get_codes() if isinstance(error, APIException) else "not_found"
    code = codes if isinstance(codes, str) else "invalid"
    problem: dict[str, Any] = {"type": "about:blank", "status": response.status_code, "code": code}
    if isinstance(error, ValidationError):
        problem |= {"title": "The request is not valid.", "errors": by_field(response.data)}
    else:
        problem["title"] = response.data.get("detail", "") if isinstance(response.data, dict) else str(response.data)
    response.data = problem
    response.content_type = "application/problem+json"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours: programs get a problem document, people the plain page."""
    if not request.path.startswith(PROGRAMS):
        return defaults.server_error(request)
    title = "A fault of ours. The log has it under the X-Correlation-Id of this answer."
    problem = {"type": "about:blank", "title": title, "detail": title, "status": 500, "code": "internal_error"}
    return JsonResponse(problem, status=500, content_type="application/problem+json")


def not_now(request: HttpRequest, title: str) -> HttpResponse:
    """Answer that something is not there at the moment: programs get a problem document, others a sentence."""
    headers = {"Retry-After": "15", "Cache-Control": "no-store"}
    if not request.path.startswith("/api/"):
        return HttpResponse(f"{title}\n", status=503, content_type="text/plain; charset=utf-8", headers=headers)
    problem = {"type": "about:blank", "title": title, "status": 503, "code": "not_now"}
    return JsonResponse(problem, status=503, content_type="application/problem+json", headers=headers)


def understood(error: Exception) -> Exception:
    """What Django refuses before a view has read it is answered like what the view refuses."""
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    return ParseError(str(error), code="refused") if isinstance(error, SuspiciousOperation) else error


def by_field(detail: Any) -> dict[str, list[str]]:
    """Return sentences by field; one inside another is named by its path, `ids/3`."""
    found: dict[str, list[str]] = {}
    for path, sentence in _sentences(detail, ""):
        found.setdefault(path or NO_FIELD, []).append(sentence)
    return found


def _sentences(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _sentences(inner, f"{path}/{name}" if path else str(name))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from _sentences(inner, f"{path}/{number}" if isinstance(inner, dict | list) and path else path)
    else:
        yield path, str(detail)
