"""API errors as RFC 9457 problem details with a stable `code`."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what DRF knows how to answer into a problem document; None lets Django answer."""
    response = exception_handler(error, context)
    if response is None:
        return None
    codes = error.get_codes() if isinstance(error, APIException) else "not_found"
    code = codes if isinstance(codes, str) else "invalid"
    problem: dict[str, Any] = {"type": "about:blank", "status": response.status_code, "code": code}
    if isinstance(error, ValidationError):
        problem |= {"title": "The request is not valid.", "errors": response.data}
    else:
        problem["title"] = response.data.get("detail", "") if isinstance(response.data, dict) else str(response.data)
    response.data = problem
    response.content_type = "application/problem+json"
    return response
