"""QR codes of issued links, for the admin."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from integrations.platforms.worklink.links.issuing import code_of
from integrations.platforms.worklink.links.refusals import LinkRefused
from integrations.platforms.worklink.models import IssuedLink

PIXELS = 8  # per module of a picture that is downloaded


def code(request: HttpRequest, pk: int, form: str, kind: str) -> HttpResponse:
    """Answer with a link's QR code: SVG to show, PNG to download. :raises PermissionDenied: :raises Http404:"""
    if not request.user.has_perm("worklink.view_issuedlink"):
        raise PermissionDenied
    if form not in ("direct", "deferred") or kind not in ("svg", "png"):
        raise Http404
    link = get_object_or_404(IssuedLink.objects.select_related("template"), pk=pk)
    try:
        drawn = code_of(link, form)
        content = drawn.svg() if kind == "svg" else drawn.png(pixels=PIXELS)
    except LinkRefused as refused:
        raise Http404(refused.sentence) from refused
    response = HttpResponse(content, content_type="image/svg+xml" if kind == "svg" else "image/png")
    response["Cache-Control"] = "private, max-age=3600"
    if kind == "png":
        response["Content-Disposition"] = f'attachment; filename="link-{pk}-{form}.png"'
    return response
