"""Adding task groups and tasks from a table to a draft: a preview with the errors of each row, then the import."""

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
from integrations.core.tables import TableRefused, csv_lines, read_text, read_upload


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    if not owner.has_right(request, "camera.change_taskgroup"):
        raise PermissionDenied
    version = CatalogueVersion.objects.select_related("site").filter(pk=pk, published_at__isnull=True).first()
    if version is None:
        raise Http404
    text, found = _given(request, version) if request.method == "POST" else ("", None)
    if found and found.is_good and "keep" in request.POST:
        return _kept(request, found, version)
    context = owner.admin_site.each_context(request) | {"title": _("Import a table"), "version": version}
    context |= {"text": text, "found": found, "columns": importing.COLUMNS}
    return TemplateResponse(request, "camera/admin/csv.html", context)


def _given(request: HttpRequest, version: CatalogueVersion) -> tuple[str, importing.Read | None]:
    """Return the text to show and to send again, and what was read from the file, or else from the field's text."""
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    if file is None and not text.strip():
        return "", None
    try:
        if file is None:
            table = read_text(text, columns=importing.KNOWN, limits=importing.LIMITS)
        else:
            table = read_upload(file, columns=importing.KNOWN, limits=importing.LIMITS, by=request.POST)
            text = "".join(
                csv_lines(table.headings, ([row.cells[name] for name in table.headings] for row in table.rows))
            )
    except TableRefused as refusal:
        return text, importing.Read([], [str(refusal)])
    return text.removeprefix("\ufeff"), importing.read(table, version=version)


def _kept(request: HttpRequest, found: importing.Read, version: CatalogueVersion) -> HttpResponse:
    count = importing.keep(found, version=version, checks=DEFAULT_CHECKS)
    messages.success(request, ngettext("%d task was added.", "%d tasks were added.", count) % count)
    return HttpResponseRedirect(reverse("admin:camera_catalogueversion_change", args=[version.pk]))
