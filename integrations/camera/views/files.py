"""Serving example pictures and PDFs to whoever holds a good link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.camera.models import Example, Input
from integrations.camera.services import links
from integrations.core import files
from integrations.core.signing import LinkRefused

# What is served is our own encoding of a picture, or a PDF that is never shown in place; this is the second lock.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, max-age=86400, immutable",
}


@require_safe
def example(_request: HttpRequest, token: str) -> HttpResponse:
    pk, size = _read(token, links.EXAMPLE)
    row = Example.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    name = str((row.thumbnail if size == "small" and row.thumbnail else row.file).name)
    return HttpResponse(
        _bytes(name), content_type="image/png" if name.endswith(".png") else "image/jpeg", headers=HEADERS
    )


@require_safe
def document(_request: HttpRequest, token: str) -> HttpResponse:
    (pk,) = _read(token, links.DOCUMENT)
    row = Input.objects.filter(pk=pk).exclude(document="").first()
    if row is None:
        raise Http404
    response = HttpResponse(_bytes(str(row.document.name)), content_type="application/pdf", headers=HEADERS)
    response["Content-Disposition"] = f'attachment; filename="{row.uuid}.pdf"'
    return response


def _read(token: str, purpose: str) -> list[str]:
    try:
        return links.read(token, purpose=purpose, now=timezone.now())
    except LinkRefused as error:
        raise Http404 from error


def _bytes(name: str) -> bytes:
    try:
        return files.read(name)
    except FileNotFoundError as error:
        raise Http404 from error
