"""Answers monitors before anything else does: they ask by address, whose name is none of ALLOWED_HOSTS."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.health import healthz, readyz
from portal.metrics import metrics

VIEWS = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class MonitoringMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path.rstrip("/"), self.get_response)
        return view(request)
