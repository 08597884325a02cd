"""What holds for every request: its correlation id, and how a storage that does not answer is told."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from integrations.core import problems
from integrations.core.files import StorageFailed
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


class StorageMiddleware:
    """Answers 503 where a view needed a file and the storage did not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return problems.not_now(request, str(error)) if isinstance(error, StorageFailed) else None
