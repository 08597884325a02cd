"""Adding task groups and tasks from CSV to a draft: first a preview with the errors of each row, then the import."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.camera.engines.checks import DEFAULT_CHECKS
from integrations.camera.models import CatalogueVersion
from integrations.camera.pages import importing


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    if not owner.has_right(request, "camera.change_taskgroup"):
        raise PermissionDenied
    version = CatalogueVersion.objects.select_related("site").filter(pk=pk, published_at__isnull=True).first()
    if version is None:
        raise Http404
    text = _given(request) if request.method == "POST" else ""
    found = importing.read(text, version=version) if text else None
    if found and found.is_good and "keep" in request.POST:
        return _kept(request, found, version)
    context = owner.admin_site.each_context(request) | {"title": _("Import CSV"), "version": version}
    context |= {"text": text, "found": found, "columns": importing.COLUMNS}
    return TemplateResponse(request, "camera/admin/csv.html", context)


def _given(request: HttpRequest) -> str:
    """Return the file's text, else the text of the field; bytes that are no UTF-8 are read as Windows-1252."""
    file: Any = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    content: bytes = file.read(importing.MOST_CHARACTERS + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _kept(request: HttpRequest, found: importing.Read, version: CatalogueVersion) -> HttpResponse:
    count = importing.keep(found, version=version, checks=DEFAULT_CHECKS)
    messages.success(request, ngettext("%d task was added.", "%d tasks were added.", count) % count)
    return HttpResponseRedirect(reverse("admin:camera_catalogueversion_change", args=[version.pk]))
