"""Gives every request a correlation id, which its logs, its rows and its outgoing calls carry on."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from integrations.core.ids import correlated

HEADER = "X-Correlation-Id"
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,40}")


class CorrelationMiddleware:
    """Takes a well-formed id from the caller, else makes one; answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "")
        with correlated(sent if ACCEPTED.fullmatch(sent) else "") as correlation_id:
            response = self.get_response(request)
            response[HEADER] = correlation_id
            return response
