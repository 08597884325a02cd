"""Serving photos to whoever holds a good link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.core.signing import LinkExpired, LinkRefused
from integrations.workorders.links import read_token
from integrations.workorders.models import Photo
from integrations.workorders.photos import content_of

SHOWN = ("image/jpeg", "image/png")
# The bytes are our own encoding of a decoded picture; the headers are the second lock.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def photo(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the picture; 404 for a link that we did not make, 410 for one that has expired."""
    try:
        pk, small = read_token(token, now=timezone.now())
    except LinkExpired:
        text = "This link has expired. A new one is on the page of the work order.\n"
        return HttpResponse(text, status=410, content_type="text/plain; charset=utf-8", headers=HEADERS)
    except LinkRefused as error:
        raise Http404("No such photo.") from error
    found = Photo.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("No such photo.")
    return _picture(found, small=small)


def _picture(found: Photo, *, small: bool) -> HttpResponse:
    try:
        content = content_of(found, small=small)
    except FileNotFoundError as error:
        raise Http404("The file of this photo is missing from the storage.") from error
    inline = "inline" if found.content_type in SHOWN else "attachment"
    response = HttpResponse(content, content_type=found.content_type, headers=HEADERS)
    response["Content-Disposition"] = f'{inline}; filename="{found.file_name}"'
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response
