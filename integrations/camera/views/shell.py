"""The page of the connector: one and the same for every address. It holds no data, and opening it makes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

HEADERS = {
    # The token is in the fragment: no browser may tell another site which address the user came from.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def shell(request: HttpRequest, **_named: str) -> HttpResponse:
    """Answer with the page; the rest is done by its script (vendor sheet, 5.1)."""
    response = render(request, "camera/shell.html")
    for name, value in HEADERS.items():
        response[name] = value
    return response
