"""The page of the connector: one and the same for every address. It holds no data, and opening it makes nothing."""

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from integrations.camera.services import signing_in

HEADERS = {
    # The token is in the fragment: no browser may tell another site which address the user came from.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "connect-src": [SELF],
    "worker-src": [SELF],
    "manifest-src": [SELF],
    # What the camera sees, before it is sent.
    "img-src": [SELF, "data:", "blob:"],
    "media-src": [SELF, "blob:"],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
WORKER = "camera/sw.js"


@require_safe
@csp_replace(POLICY)
def shell(request: HttpRequest) -> HttpResponse:
    """Answer with the page; the rest is done by its script (vendor sheet, 5.1). Some sign in before (section 3)."""
    if signing_in.is_asked(request.path, request.GET) and not request.user.is_authenticated:
        response: HttpResponse = redirect_to_login(request.get_full_path(), reverse("camera:sign_in"))
    else:
        response = render(request, "camera/shell.html")
    for name, value in HEADERS.items():
        response[name] = value
    return response


@require_safe
@csp_replace(POLICY)
def service_worker(_request: HttpRequest) -> HttpResponseBase:
    """Answer with the page's service worker from /field/, whose pages it may answer for."""
    path = finders.find(WORKER)
    if not isinstance(path, str):
        raise Http404
    response = FileResponse(open(path, "rb"), content_type="text/javascript; charset=utf-8")  # noqa: SIM115  closed by it
    response["Cache-Control"] = "no-cache"
    return response
